"""Describe and List of any type of resource."""

from collections.abc import Callable, Mapping
from typing import Any

from personalize_server.facts.errors import ResourceNotFound
from personalize_server.facts.metric_names import shown
from personalize_server.facts.resources import RESOURCES
from personalize_server.facts.service_model import operations
from personalize_server.operations.paging import beginning, page
from personalize_server.state.attribution_ledger import Ledger
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.farewells import Farewell, described, mark_listed, unlisted
from personalize_server.state.recommender_models import current_model
from personalize_server.state.store import Record
from personalize_server.state.updates import effective_body, is_updating, last_changed, latest_update


def describe(context: Context, kind: str, request: Request) -> Answer:
    facts = RESOURCES[kind]
    arn = request[facts.arn_member]
    try:
        record = context.find(kind, arn)
    except ResourceNotFound:
        last = described(context, kind, arn)
        if last is None:
            raise
        return {facts.described_as: last}
    return {facts.described_as: presented(context, record)}


def list_(context: Context, kind: str, request: Request) -> Answer:
    """A page of what there is, and of what was deleted and has not been listed since."""
    facts = RESOURCES[kind]
    members = tuple(filter(None, (facts.listed_by, facts.listed_also_by)))
    parent = request.get(facts.listed_by) if facts.listed_by else None
    after, size = beginning(kind, request)
    if parent is None:
        records = context.of_kind(kind, after=after, limit=size + 1)
    else:
        operation = operations()[f"List{facts.listing}"]
        if "ResourceNotFoundException" in operation.declared_errors:
            [owner] = [owner.kind for owner in facts.parents if owner.member == facts.listed_by]
            context.find(owner, parent)
        records = [
            record
            for member in members
            for record in context.linked(parent, kind=kind, member=member, after=after, limit=size + 1)
        ]
    gone = unlisted(context, kind, [parent] if parent else [], after=after, limit=size + 1)
    entries: list[Record | Farewell] = sorted([*records, *gone], key=lambda entry: entry.seq)
    found, token = page(kind, entries, request, position=lambda entry: entry.seq)
    mark_listed(context, [entry for entry in found if isinstance(entry, Farewell)])
    return {facts.listed_as: [_told(context, entry) for entry in found], "nextToken": token}


def _told(context: Context, entry: Record | Farewell) -> Mapping[str, Any]:
    return entry.answer if isinstance(entry, Farewell) else presented(context, entry, summary=True)


def presented(context: Context, record: Record, *, summary: bool = False) -> dict[str, Any]:
    """All members the API knows of it; the answer's shape leaves out what a summary does not have.

    summary: without what takes long to find, and no summary has.
    """
    answer = {
        **effective_body(context, record),
        "status": context.status(record),
        "creationDateTime": record.created,
        "lastUpdatedDateTime": last_changed(context, record),
        "failureReason": record.failure if _failed(context, record) else None,
    }
    more = None if summary and record.kind in _DESCRIBED_ONLY else _MORE.get(record.kind)
    return answer | dict(more(context, record)) if more else answer


def _failed(context: Context, record: Record) -> bool:
    words = RESOURCES[record.kind].words
    return words is not None and context.status(record) == words.failed


def _solution(context: Context, record: Record) -> Mapping[str, Any]:
    versions = context.linked(record.arn, kind="SolutionVersion", member="solutionArn", newest=True, limit=1)
    return {
        "latestSolutionVersion": presented(context, versions[0]) if versions else None,
        "latestSolutionUpdate": latest_update(context, record),
    }


def _solution_version(context: Context, record: Record) -> Mapping[str, Any]:
    """As saved outputs have it: a version without a name is called by the end of its ARN."""
    unnamed = "/".join(record.arn.rsplit("/", 2)[1:])
    return {"name": record.name or unnamed, "solutionConfig": record.body.get("solutionConfig", {})}


def _campaign(context: Context, record: Record) -> Mapping[str, Any]:
    return {"latestCampaignUpdate": latest_update(context, record)}


def _dataset(context: Context, record: Record) -> Mapping[str, Any]:
    """UPDATE PENDING, then UPDATE IN_PROGRESS, while its schema is replaced, as saved outputs have it."""
    trackers = context.linked(record.links["datasetGroupArn"], kind="EventTracker", member="datasetGroupArn")
    tracked = trackers and record.body["datasetType"] == "INTERACTIONS"
    latest = latest_update(context, record)
    updating: dict[str, Any] = {}
    if latest and is_updating(context, record):
        updating = {"status": latest["status"].replace("CREATE", "UPDATE")}
    return {
        **updating,
        "latestDatasetUpdate": latest,
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


_DESCRIBED_ONLY = ("Solution",)
_MORE: Mapping[str, Callable[[Context, Record], Mapping[str, Any]]] = {
    "Solution": _solution,
    "SolutionVersion": _solution_version,
    "Campaign": _campaign,
    "Dataset": _dataset,
    "Recommender": _recommender,
    "MetricAttribution": _metric_attribution,
}
