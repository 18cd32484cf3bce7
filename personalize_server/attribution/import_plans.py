"""What an import job has to know of the metric attribution of its group, and what is remembered after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from personalize_server.attribution.expressions import metric_of
from personalize_server.attribution.places import destination, file_name
from personalize_server.facts.options import Options
from personalize_server.objects.locations import Location
from personalize_server.state.attribution_ledger import Ledger, Total
from personalize_server.state.context import Caller, Context, no_wake
from personalize_server.state.store import Record, Store
from personalize_server.state.updates import effective_body, requested_body


@dataclass(frozen=True, kw_only=True)
class AttributionPlan:
    """What to measure of an import, and where its report goes."""

    attribution: str
    """the metric attribution's ARN"""
    metrics: Sequence[Mapping[str, str]]
    """as MetricAttributes of the API"""
    incremental: bool
    """the totals count the import"""
    sums_items: bool
    """a metric is of a column of the Items dataset"""
    folder: Location | None
    """where the report goes; None: there is to be none"""
    report: str | None
    """the report's name"""
    sources: Sequence[str]
    """that have been reported on"""
    most_sources: int


@dataclass(frozen=True, kw_only=True)
class MeasuredImport:
    """What the state is to remember of an import."""

    attribution: str
    """the metric attribution's ARN"""
    totals: Sequence[Total]
    report: str | None
    """the report's name; None: there was to be none"""
    content: str | None = None
    """the report, where it is still to be published"""
    problem: str | None = None
    """why it has not been published"""


def import_plan(store: Store, options: Options, job: Record, dataset: Record) -> AttributionPlan | None:
    """None: nothing is to be measured.

    A report is published if the job says so; the totals count incremental imports alone, as the metrics do
    that the service sends to CloudWatch.
    """
    group = dataset.links["datasetGroupArn"]
    attributions = [
        record
        for record in store.linked(group, kind="MetricAttribution", member="datasetGroupArn")
        if record.phase != "delete"
    ]
    if dataset.body["datasetType"] != "INTERACTIONS" or not attributions:
        return None
    context = Context(Caller(job.account, job.region), store, options, store.now(), no_wake)
    body = effective_body(context, attributions[0])
    metrics = requested_body(attributions[0])["metrics"]
    folder = destination(body) if job.body.get("publishAttributionMetricsToS3") else None
    incremental = job.body["importMode"] == "INCREMENTAL"
    if folder is None and not incremental:
        return None
    return AttributionPlan(
        attribution=attributions[0].arn,
        metrics=metrics,
        incremental=incremental,
        sums_items=any(metric_of(metric).of_items for metric in metrics),
        folder=folder,
        report=file_name(job.body["importMode"], job.created) if folder else None,
        sources=sorted(Ledger(store, attributions[0].arn).sources),
        most_sources=options.quotas.event_attribution_sources,
    )


def remember_import(store: Store, measured: MeasuredImport) -> None:
    """To be called in the transaction in which the import comes to count."""
    if store.get(measured.attribution) is None:
        return
    ledger = Ledger(store, measured.attribution)
    ledger.add_totals(measured.totals)
    if measured.report is not None and measured.content is not None:
        ledger.keep(measured.report, measured.content)
        ledger.fail(measured.problem)
