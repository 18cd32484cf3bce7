"""Which function carries out which operation; what is not here is not implemented yet."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from personalize_server.facts.resources import RESOURCES
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
from personalize_server.state.context import Answer, Context, Request

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
