"""How operations differ from those of Amazon Personalize, as the document on compatibility says it."""

from collections.abc import Mapping
from types import MappingProxyType

_OWN_CREDENTIALS = (
    "roleArn is assumed with --assume-roles; without, objects are read and written with the server's own "
    "credentials."
)
_SECONDS = "Filters and metadata columns see it within seconds, where the service may take 20 minutes"
_REPORTS = (
    "There is no CloudWatch: metrics of PutEvents are written to the S3 destination every 15 minutes "
    "(--attribution-period), in the format of the reports of imports, and summed up at /metrics with those "
    "of incremental imports. While reports cannot be written, failureReason says why."
)
_STORED_CAMPAIGN = (
    "minProvisionedTPS is kept and shown and reserves nothing: a campaign answers as fast as the machine "
    "or --limit campaign lets it; itemExplorationConfig has an effect with aws-user-personalization, "
    "its v2 and aws-next-best-action alone, rankingInfluence with aws-semantic-similarity."
)
_RECOMMENDER = "Of recommenderConfig, minRecommendationRequestsPerSecond reserves nothing."
_ONLY_TOKENS = (
    "Whatever is wrong with a request is an InvalidNextTokenException, the one error that it declares."
)
_CONTEXT = "Columns and values of context that the model was not trained on have no effect."
DIFFERENCES: Mapping[str, str] = MappingProxyType(
    {
        "CreateBatchInferenceJob": f"Theme generation is refused. {_OWN_CREDENTIALS}",
        "CreateBatchSegmentJob": "Attributes that itemAttributes and filters ask for are those of the time "
        f"of the job, not of the training. {_OWN_CREDENTIALS}",
        "CreateCampaign": _STORED_CAMPAIGN,
        "CreateDataDeletionJob": _OWN_CREDENTIALS,
        "CreateDatasetExportJob": _OWN_CREDENTIALS,
        "CreateDatasetGroup": "roleArn and kmsKeyArn are kept and shown; nothing is encrypted with the key.",
        "CreateDatasetImportJob": _OWN_CREDENTIALS,
        "CreateMetricAttribution": _REPORTS,
        "CreateRecommender": _RECOMMENDER,
        "CreateSolution": "performAutoML tries aws-user-personalization-v2, aws-user-personalization and "
        "aws-popularity-count where recipeList names no others. hpoObjective chooses the metric and its "
        "direction, which the service does not support yet; its metricRegex is checked and kept, metricName "
        "is enough.",
        "CreateSolutionVersion": "The training mode UPDATE takes all data; "
        "what it keeps of the last FULL one are the blend's weights and hyper-parameters.",
        "DescribeAlgorithm": "Without algorithmImage, defaultResourceConfig, trainingInputMode and roleArn.",
        "DescribeRecipe": "Descriptions are this server's own; dates are those of 2024, those of "
        "recipes that came later, or that no published output shows, a guess.",
        "GetPersonalizedRanking": _CONTEXT,
        "GetRecommendations": f"{_CONTEXT} "
        "Which items are explored is this server's own choice; "
        "the reason 'Popular item' marks the lists of users that nothing is known of.",
        "GetSolutionMetrics": "Keys of trending and actions are this server's spelling of the documented "
        "names; semantic similarity has coverage alone; coverage of segments is the share of users in any.",
        "ListCampaigns": "By the ARN of a solution version, those that use that version; the service is "
        "known to take one, not which campaigns it lists.",
        "ListDatasetGroups": _ONLY_TOKENS,
        "ListSchemas": _ONLY_TOKENS,
        "PutEvents": "Impressions count where the schema has an IMPRESSION field, once data is loaded anew: "
        "by an import, a deletion, a training. None are derived from a recommendationId. Two events are the "
        "same only by their eventId.",
        "PutItems": f"{_SECONDS}. When new items are recommended: see Automatic updates between trainings.",
        "PutUsers": f"{_SECONDS}; filters of aws-next-best-action when data or a model are loaded anew.",
        "UpdateCampaign": _STORED_CAMPAIGN,
        "UpdateMetricAttribution": _REPORTS,
        "UpdateRecommender": f"{_RECOMMENDER} Members of it that are not given stay as they were, "
        "which the service does not document.",
    }
)
"""How an operation does something else than the service's; the others do the same."""
