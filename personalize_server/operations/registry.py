"""Which function carries out which operation; what is not here is not implemented yet."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from personalize_server.context import Answer, Context, Request
from personalize_server.operations import (
    catalogue,
    data_jobs,
    datasets,
    inference,
    recommenders,
    solutions,
    tagging,
    tracking,
)
from personalize_server.operations.deleting import delete
from personalize_server.operations.reading import describe, list_
from personalize_server.resources import RESOURCES

Handler = Callable[[Context, Request], Answer]

_READY = (
    *("DatasetGroup", "Schema", "Dataset", "DatasetImportJob", "Solution", "SolutionVersion"),
    *(
        "Campaign",
        "Filter",
        "BatchInferenceJob",
        "BatchSegmentJob",
        "EventTracker",
        "DatasetExportJob",
        "DataDeletionJob",
        "MetricAttribution",
        "Recommender",
    ),
)
_DELETABLE = (
    *("DatasetGroup", "Schema", "Solution", "Campaign", "Filter", "EventTracker", "MetricAttribution"),
    "Recommender",
)


def _handlers() -> dict[str, Handler]:
    handlers: dict[str, Handler] = {}
    for kind in _READY:
        handlers[f"Describe{kind}"] = _about(describe, kind)
        handlers[f"List{RESOURCES[kind].listing}"] = _about(list_, kind)
    for kind in _DELETABLE:
        handlers[f"Delete{kind}"] = _about(delete, kind)
    return handlers | {
        "CreateBatchInferenceJob": inference.create_batch_inference_job,
        "CreateBatchSegmentJob": inference.create_batch_segment_job,
        "CreateCampaign": inference.create_campaign,
        "CreateDataset": datasets.create_dataset,
        "CreateDatasetGroup": datasets.create_dataset_group,
        "CreateDatasetImportJob": datasets.create_dataset_import_job,
        "CreateDataDeletionJob": data_jobs.create_data_deletion_job,
        "CreateDatasetExportJob": data_jobs.create_dataset_export_job,
        "CreateMetricAttribution": data_jobs.create_metric_attribution,
        "ListMetricAttributionMetrics": data_jobs.list_metric_attribution_metrics,
        "UpdateMetricAttribution": data_jobs.update_metric_attribution,
        "CreateEventTracker": tracking.create_event_tracker,
        "CreateFilter": inference.create_filter,
        "CreateRecommender": recommenders.create_recommender,
        "CreateSchema": datasets.create_schema,
        "CreateSolution": solutions.create_solution,
        "CreateSolutionVersion": solutions.create_solution_version,
        "DeleteDataset": datasets.delete_dataset,
        "DescribeAlgorithm": catalogue.describe_algorithm,
        "DescribeFeatureTransformation": catalogue.describe_feature_transformation,
        "DescribeRecipe": catalogue.describe_recipe,
        "GetSolutionMetrics": solutions.get_solution_metrics,
        "ListRecipes": catalogue.list_recipes,
        "ListTagsForResource": tagging.list_tags_for_resource,
        "PutActionInteractions": tracking.put_action_interactions,
        "PutActions": tracking.put_actions,
        "PutItems": tracking.put_items,
        "PutUsers": tracking.put_users,
        "StartRecommender": recommenders.start_recommender,
        "StopRecommender": recommenders.stop_recommender,
        "StopSolutionVersionCreation": solutions.stop_solution_version_creation,
        "TagResource": tagging.tag_resource,
        "UntagResource": tagging.untag_resource,
        "UpdateCampaign": inference.update_campaign,
        "UpdateDataset": datasets.update_dataset,
        "UpdateRecommender": recommenders.update_recommender,
        "UpdateSolution": solutions.update_solution,
    }


def _about(function: Callable[[Context, str, Request], Answer], kind: str) -> Handler:
    def handler(context: Context, request: Request) -> Answer:
        return function(context, kind, request)

    return handler


HANDLERS: Mapping[str, Handler] = MappingProxyType(_handlers())
RUNTIME_METHODS: Mapping[str, str] = MappingProxyType(
    {
        "GetActionRecommendations": "get_action_recommendations",
        "GetPersonalizedRanking": "get_personalized_ranking",
        "GetRecommendations": "get_recommendations",
    }
)
"""methods of the Runtime, which is loaded apart"""
INTAKE_METHODS: Mapping[str, str] = MappingProxyType({"PutEvents": "put_events"})
"""methods of the EventIntake"""
IMPLEMENTED = frozenset(HANDLERS) | frozenset(RUNTIME_METHODS) | frozenset(INTAKE_METHODS)

_OWN_CREDENTIALS = "roleArn is not assumed: objects are read and written with the server's own credentials."
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
        "DescribeRecipe": "Descriptions are this server's own; every recipe has the same date.",
        "GetPersonalizedRanking": _CONTEXT,
        "GetRecommendations": f"{_CONTEXT} "
        "Which items are explored is this server's own choice; "
        "the reason 'Popular item' marks the lists of users that nothing is known of.",
        "GetSolutionMetrics": "Keys of trending, segments and actions are this server's spelling of the "
        "documented names; semantic similarity has coverage alone.",
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
