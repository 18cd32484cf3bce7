"""What an import job has to know of the metric attribution of its group, and what is remembered after it."""

import time
from collections.abc import Mapping
from typing import Any

from personalize_server.attribution.expressions import metric_of
from personalize_server.attribution.ledger import Ledger
from personalize_server.attribution.places import destination, file_name
from personalize_server.facts.options import Options
from personalize_server.state.context import Caller, Context, no_wake
from personalize_server.state.store import Record, Store
from personalize_server.state.updates import effective_body, requested_body


def import_plan(store: Store, options: Options, job: Record, dataset: Record) -> dict[str, Any] | None:
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
    context = Context(Caller(job.account, job.region), store, options, time.time(), no_wake)
    body = effective_body(context, attributions[0])
    metrics = requested_body(attributions[0])["metrics"]
    folder = destination(body) if job.body.get("publishAttributionMetricsToS3") else None
    incremental = job.body["importMode"] == "INCREMENTAL"
    if folder is None and not incremental:
        return None
    return {
        "attribution": attributions[0].arn,
        "metrics": metrics,
        "incremental": incremental,
        "sums_items": any(metric_of(metric).of_items for metric in metrics),
        "folder": [folder.bucket, folder.key] if folder else None,
        "report": file_name(job.body["importMode"], job.created) if folder else None,
        "sources": sorted(Ledger(store, attributions[0].arn).sources),
        "most_sources": options.quotas.event_attribution_sources,
    }


def remember_import(store: Store, measured: Mapping[str, Any]) -> None:
    """To be called in the transaction in which the import comes to count."""
    if store.get(measured["attribution"]) is None:
        return
    ledger = Ledger(store, measured["attribution"])
    ledger.add_totals([(metric, type_, source, value) for metric, type_, source, value in measured["totals"]])
    if measured["content"] is not None:
        ledger.keep(measured["report"], measured["content"])
        ledger.fail(measured["problem"])
