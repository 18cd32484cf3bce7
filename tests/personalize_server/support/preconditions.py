"""Requests that succeed: the least that each operation takes, in a world that has what it needs."""

from collections.abc import Callable, Mapping
from typing import Any

from personalize_server.facts.service_model import operations
from tests.personalize_server.support.journey import RECIPE, schema_text
from tests.personalize_server.support.model_requests import minimal
from tests.personalize_server.support.world import World, fresh_name

MEMBERS: Mapping[str, Callable[[World], Any]] = {
    "batchInferenceJobArn": lambda world: world.batch_inference_job,
    "batchSegmentJobArn": lambda world: world.batch_segment_job,
    "campaignArn": lambda world: world.campaign,
    "dataDeletionJobArn": lambda world: world.data_deletion_job,
    "datasetArn": lambda world: world.datasets["Users"],
    "datasetExportJobArn": lambda world: world.export_job,
    "datasetGroupArn": lambda world: world.group,
    "datasetImportJobArn": lambda world: world.import_job,
    "eventTrackerArn": lambda world: str(world.tracker["eventTrackerArn"]),
    "filterArn": lambda world: world.filter,
    "metricAttributionArn": lambda world: world.metric_attribution,
    "recommenderArn": lambda world: world.recommender,
    "recipeArn": lambda world: f"{RECIPE}aws-user-personalization-v2",
    "algorithmArn": lambda world: "arn:aws:personalize:::algorithm/aws-user-personalization-v2",
    "featureTransformationArn": lambda world: (
        "arn:aws:personalize:::feature-transformation/user-personalization-v2"
    ),
    "resourceArn": lambda world: world.group,
    "schemaArn": lambda world: world.new_schema(),
    "solutionArn": lambda world: world.solution,
    "solutionVersionArn": lambda world: world.version,
    "trackingId": lambda world: str(world.tracker["trackingId"]),
    "name": lambda world: fresh_name(),
    "jobName": lambda world: fresh_name(),
    "tagKeys": lambda world: ["nothing"],
}
"""values of members that are the same for every operation"""

PRECONDITIONS: Mapping[str, Callable[[World], dict[str, Any]]] = {
    "CreateBatchInferenceJob": lambda world: world.batch(),
    "CreateBatchSegmentJob": lambda world: {
        **world.batch("segments"),
        "solutionVersionArn": world.segment_version,
    },
    "CreateDataDeletionJob": lambda world: {"dataSource": {"dataLocation": world.s3("users.csv")}},
    "CreateDataset": lambda world: {
        "datasetGroupArn": world.new_group(),
        "datasetType": "Users",
        "schemaArn": world.new_schema("Users"),
    },
    "CreateDatasetExportJob": lambda world: world.export(),
    "CreateDatasetImportJob": lambda world: {"dataSource": {"dataLocation": world.s3("Users.csv")}},
    "CreateEventTracker": lambda world: {"datasetGroupArn": _group_with_dataset(world)},
    "CreateFilter": lambda world: {"filterExpression": 'INCLUDE ItemID WHERE Items.GENRES IN ("Horror")'},
    "CreateMetricAttribution": lambda world: {**world.attribution(), "datasetGroupArn": world.new_group()},
    "CreateRecommender": lambda world: {
        "datasetGroupArn": world.domain_group,
        "recipeArn": f"{RECIPE}aws-ecomm-recommended-for-you",
    },
    "CreateSchema": lambda world: {"schema": schema_text("Interactions")},
    "CreateSolution": lambda world: {"recipeArn": f"{RECIPE}aws-sims"},
    "DeleteCampaign": lambda world: {"campaignArn": world.new_campaign(world.version)},
    "DeleteDataset": lambda world: {"datasetArn": world.new_dataset(world.new_group())},
    "DeleteDatasetGroup": lambda world: {"datasetGroupArn": world.new_group()},
    "DeleteEventTracker": lambda world: {
        "eventTrackerArn": world.new_tracker(_group_with_dataset(world))["eventTrackerArn"]
    },
    "DeleteFilter": lambda world: {"filterArn": world.new_filter(_group_with_dataset(world))},
    "DeleteMetricAttribution": lambda world: {
        "metricAttributionArn": world.new_attribution(world.new_group())
    },
    "DeleteRecommender": lambda world: {"recommenderArn": world.new_recommender()},
    "DeleteSolution": lambda world: {"solutionArn": world.new_solution("aws-sims", world.new_group())},
    "GetActionRecommendations": lambda world: {"campaignArn": world.action_campaign, "userId": "u1"},
    "GetPersonalizedRanking": lambda world: {
        **{"campaignArn": world.ranking_campaign, "inputList": ["i1", "i2"]},
        "userId": "u1",
    },
    "GetRecommendations": lambda world: {"campaignArn": world.campaign, "userId": "u1"},
    "ListMetricAttributionMetrics": lambda world: {"metricAttributionArn": world.metric_attribution},
    "PutActionInteractions": lambda world: {
        "trackingId": world.action_tracking_id,
        "actionInteractions": [
            {
                **{"actionId": "a1", "sessionId": "s1", "timestamp": 1_700_000_000, "eventType": "TAKEN"},
                "userId": "u1",
            }
        ],
    },
    "PutActions": lambda world: {"datasetArn": world.datasets["Actions"], "actions": [{"actionId": "a1"}]},
    "PutEvents": lambda world: {
        "eventList": [{"eventType": "view", "sentAt": 1_700_000_000, "itemId": "i1"}],
        "userId": "u1",
    },
    "PutItems": lambda world: {
        "datasetArn": world.datasets["Items"],
        "items": [{"itemId": "i1", "properties": '{"genres": "Horror"}'}],
    },
    "PutUsers": lambda world: {"users": [{"userId": "u1", "properties": '{"age": 5}'}]},
    "StartRecommender": lambda world: {"recommenderArn": world.stopped_recommender()},
    "StopRecommender": lambda world: {"recommenderArn": world.new_recommender()},
    "StopSolutionVersionCreation": lambda world: {"solutionVersionArn": world.training_version()},
    "UpdateCampaign": lambda world: {"campaignArn": world.campaign, "minProvisionedTPS": 2},
    "UpdateDataset": lambda world: {"schemaArn": world.new_schema("Users")},
    "UpdateMetricAttribution": lambda world: {
        "metricAttributionArn": world.metric_attribution,
        "metricsOutputConfig": world.attribution()["metricsOutputConfig"],
    },
    "UpdateSolution": lambda world: {"solutionArn": world.solution, "performAutoTraining": False},
}
"""members whose values an operation needs to succeed, where those of the model are not enough"""


def valid(world: World, name: str) -> dict[str, Any]:
    """The least that the operation takes: required members and its preconditions."""
    least = minimal(operations()[name].model.input_shape)
    known = {member: MEMBERS[member](world) for member in least if member in MEMBERS}
    more = PRECONDITIONS[name](world) if name in PRECONDITIONS else {}
    return {**least, **known, **more}


def _group_with_dataset(world: World) -> str:
    group = world.new_group()
    world.new_dataset(group)
    return group
