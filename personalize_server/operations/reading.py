"""Describe and List of any type of resource."""

from collections.abc import Callable, Mapping
from typing import Any

from personalize_server.facts.metric_names import shown
from personalize_server.facts.resources import RESOURCES
from personalize_server.facts.service_model import operations
from personalize_server.operations.paging import page
from personalize_server.state.attribution_ledger import Ledger
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.recommender_models import current_model
from personalize_server.state.store import Record
from personalize_server.state.updates import effective_body, latest_update


def describe(context: Context, kind: str, request: Request) -> Answer:
    facts = RESOURCES[kind]
    record = context.find(kind, request[facts.arn_member])
    return {facts.described_as: presented(context, record)}


def list_(context: Context, kind: str, request: Request) -> Answer:
    facts = RESOURCES[kind]
    parent = request.get(facts.listed_by) if facts.listed_by else None
    if parent is None:
        records = context.of_kind(kind)
    else:
        operation = operations()[f"List{facts.listing}"]
        if "ResourceNotFoundException" in operation.declared_errors:
            [owner] = [owner.kind for owner in facts.parents if owner.member == facts.listed_by]
            context.find(owner, parent)
        records = context.linked(parent, kind=kind, member=facts.listed_by)
    found, token = page(kind, records, request, position=lambda record: record.seq)
    return {facts.listed_as: [presented(context, record) for record in found], "nextToken": token}


def presented(context: Context, record: Record) -> dict[str, Any]:
    """All members the API knows of it; the answer's shape leaves out what a summary does not have."""
    answer = {
        **effective_body(context, record),
        "status": context.status(record),
        "creationDateTime": record.created,
        "lastUpdatedDateTime": record.updated,
        "failureReason": record.failure if _failed(context, record) else None,
    }
    more = _MORE.get(record.kind)
    return answer | dict(more(context, record)) if more else answer


def _failed(context: Context, record: Record) -> bool:
    words = RESOURCES[record.kind].words
    return words is not None and context.status(record) == words.failed


def _solution(context: Context, record: Record) -> Mapping[str, Any]:
    versions = context.linked(record.arn, kind="SolutionVersion", member="solutionArn")
    return {
        "latestSolutionVersion": presented(context, versions[-1]) if versions else None,
        "latestSolutionUpdate": latest_update(context, record),
    }


def _solution_version(context: Context, record: Record) -> Mapping[str, Any]:
    """As saved outputs have it: a version without a name is called by the end of its ARN."""
    unnamed = "/".join(record.arn.rsplit("/", 2)[1:])
    return {"name": record.name or unnamed, "solutionConfig": record.body.get("solutionConfig", {})}


def _campaign(context: Context, record: Record) -> Mapping[str, Any]:
    return {"latestCampaignUpdate": latest_update(context, record)}


def _dataset(context: Context, record: Record) -> Mapping[str, Any]:
    trackers = context.linked(record.links["datasetGroupArn"], kind="EventTracker", member="datasetGroupArn")
    tracked = trackers and record.body["datasetType"] == "INTERACTIONS"
    return {
        "latestDatasetUpdate": latest_update(context, record),
        "trackingId": trackers[0].body["trackingId"] if tracked else record.body.get("trackingId"),
    }


def _recommender(context: Context, record: Record) -> Mapping[str, Any]:
    metrics = current_model(context, record).own.get("metrics")
    return {
        "latestRecommenderUpdate": latest_update(context, record),
        "modelMetrics": shown(metrics) if metrics is not None else None,
    }


def _metric_attribution(context: Context, record: Record) -> Mapping[str, Any]:
    """Why reports are not published, of one that is ACTIVE all the same."""
    problem = Ledger(context.store, record.arn).problem
    return {"failureReason": problem} if problem else {}


_MORE: Mapping[str, Callable[[Context, Record], Mapping[str, Any]]] = {
    "Solution": _solution,
    "SolutionVersion": _solution_version,
    "Campaign": _campaign,
    "Dataset": _dataset,
    "Recommender": _recommender,
    "MetricAttribution": _metric_attribution,
}
