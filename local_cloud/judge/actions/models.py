"""Personalize: its control plane, recommendations and events; roles that are handed to it."""

from collections.abc import Callable, Iterator
from typing import Any

from local_cloud.judge.actions.need import Need, Needs, Table, arn, everywhere
from local_cloud.judge.actions.requests import Asked

SERVICE = "personalize.amazonaws.com"
_Resources = Callable[[Asked], Iterator[Any]]


def _needs(action: str, *members: str, new: str | None = None) -> Needs:
    """Members are ARNs, where they are sent. new: the kind of resource that is made, its name's member."""

    def needs(asked: Asked) -> Iterator[Need]:
        sent = asked.members
        resources = [sent[name] for name in members if sent.get(name)]
        if new is not None:
            kind, _, name = new.partition(" ")
            resources.append(arn(asked, "personalize", f"{kind}/{sent[name]}"))
        for resource in resources:
            yield Need(action=f"personalize:{action}", resource=str(resource))
        if role := sent.get("roleArn"):
            passed = {"iam:PassedToService": SERVICE, "iam:AssociatedResourceArn": None}
            yield Need(action="iam:PassRole", resource=str(role), context=passed)

    return needs


def _solution(name: str) -> Callable[[Asked], str]:
    """Of the ARN of one of its versions."""
    return lambda asked: str(asked.members[name]).rpartition("/")[0]


def _campaign_made(asked: Asked) -> Iterator[Need]:
    yield from _needs("CreateCampaign", new="campaign name")(asked)
    yield Need(action="personalize:CreateCampaign", resource=_solution("solutionVersionArn")(asked))


def _batch_made(asked: Asked) -> Iterator[Need]:
    yield from _needs("CreateBatchInferenceJob", "filterArn", new="batch-inference-job jobName")(asked)
    yield Need(action="personalize:CreateBatchInferenceJob", resource=_solution("solutionVersionArn")(asked))


CONTROL: Table = {
    "CreateDatasetImportJob": _needs(
        "CreateDatasetImportJob", "datasetArn", new="dataset-import-job jobName"
    ),
    "DescribeDatasetImportJob": _needs("DescribeDatasetImportJob", "datasetImportJobArn"),
    "CreateSolutionVersion": _needs("CreateSolutionVersion", "solutionArn"),
    "DescribeSolution": _needs("DescribeSolution", "solutionArn"),
    "UpdateSolution": _needs("UpdateSolution", "solutionArn"),
    "DescribeSolutionVersion": _needs("DescribeSolutionVersion", "solutionVersionArn"),
    "StopSolutionVersionCreation": _needs("StopSolutionVersionCreation", "solutionVersionArn"),
    "GetSolutionMetrics": _needs("GetSolutionMetrics", "solutionVersionArn"),
    "CreateBatchInferenceJob": _batch_made,
    "DescribeBatchInferenceJob": _needs("DescribeBatchInferenceJob", "batchInferenceJobArn"),
    "CreateCampaign": _campaign_made,
    "UpdateCampaign": _needs("UpdateCampaign", "campaignArn"),
    "DescribeCampaign": _needs("DescribeCampaign", "campaignArn"),
    "DeleteCampaign": _needs("DeleteCampaign", "campaignArn"),
}
RUNTIME: Table = {
    "GetRecommendations": _needs("GetRecommendations", "campaignArn", "filterArn"),
    "GetPersonalizedRanking": _needs("GetPersonalizedRanking", "campaignArn", "filterArn"),
}
EVENTS: Table = {
    # Its target is named by a tracking id.
    "PutEvents": everywhere("personalize:PutEvents"),
    "PutUsers": _needs("PutUsers", "datasetArn"),
    "PutItems": _needs("PutItems", "datasetArn"),
}
