"""Exports of datasets, deletion of users' data, metric attribution."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from personalize_server.attribution.expressions import ExpressionError, check_metrics
from personalize_server.attribution.places import destination
from personalize_server.attribution.spans import Spans
from personalize_server.facts.errors import InvalidInput, ResourceAlreadyExists, ResourceNotFound
from personalize_server.objects.locations import parse_location
from personalize_server.operations.creating import Draft, Parents, create
from personalize_server.operations.datasets import group_fields
from personalize_server.operations.paging import page
from personalize_server.state.attribution_ledger import Ledger
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.put_records import newest_seq
from personalize_server.state.store import Record
from personalize_server.state.updates import begin_update, effective_body

_MOST_METRICS = 10


def create_dataset_export_job(context: Context, request: Request) -> Answer:
    """Begins to write a dataset as CSV below a folder. Raises: InvalidInput, if the output is no folder."""
    target = parse_location(request["jobOutput"]["s3DataDestination"]["path"])
    if target is None or not target.is_folder:
        raise InvalidInput("Invalid Data location.")
    return create(context, "DatasetExportJob", request)


def create_data_deletion_job(context: Context, request: Request) -> Answer:
    """Begins to delete what is known of the users in files.

    Raises: InvalidInput, if they have no location.
    """
    if parse_location(request["dataSource"].get("dataLocation", "")) is None:
        raise InvalidInput("Invalid Data location.")
    return create(context, "DataDeletionJob", request)


def create_metric_attribution(context: Context, request: Request) -> Answer:
    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        _check_metrics(context, parents["DatasetGroup"], request["metrics"])
        _check_destination(request)
        return Draft()

    answer = create(context, "MetricAttribution", request, prepare)
    newest = newest_seq(context.store)
    Ledger(context.store, answer["metricAttributionArn"]).begin(newest, context.now)
    return answer


def update_metric_attribution(context: Context, request: Request) -> Answer:
    """Adds and removes metrics, or changes where reports go.

    Raises: InvalidInput; ResourceAlreadyExists, for a metric's name that is taken.
    """
    if "metricAttributionArn" not in request:
        raise InvalidInput("metricAttributionArn is required.")
    record = context.find("MetricAttribution", request["metricAttributionArn"])
    body = effective_body(context, record)
    removed = set(request.get("removeMetrics", ()))
    metrics = [metric for metric in body["metrics"] if metric["metricName"] not in removed]
    added = request.get("addMetrics", [])
    known = {metric["metricName"] for metric in metrics}
    if any(metric["metricName"] in known for metric in added):
        raise ResourceAlreadyExists("A metric of this name already exists.")
    group = context.find("DatasetGroup", record.links["datasetGroupArn"])
    _check_metrics(context, group, [*metrics, *added])
    _check_destination(request)
    spans = Spans.of(record.own).changed(
        [metric for metric in body["metrics"] if metric["metricName"] in removed],
        added,
        newest=newest_seq(context.store),
        counted=Ledger(context.store, record.arn).counted,
    )
    changes: dict[str, Any] = {"metrics": [*metrics, *added]}
    if "metricsOutputConfig" in request:
        changes["metricsOutputConfig"] = request["metricsOutputConfig"]
    begin_update(context, replace(record, own={**record.own, **spans.own()}), body=changes, shown={})
    return {"metricAttributionArn": record.arn}


def list_metric_attribution_metrics(context: Context, request: Request) -> Answer:
    """A page of an attribution's metrics. Raises: InvalidInput, if none is named."""
    if "metricAttributionArn" not in request:
        raise InvalidInput("metricAttributionArn is required.")
    arn = request["metricAttributionArn"]
    try:
        metrics = effective_body(context, context.find("MetricAttribution", arn))["metrics"]
    except ResourceNotFound:
        metrics = []
    numbered = list(enumerate(metrics))
    shown, token = page("Metric", numbered, request, position=lambda entry: entry[0])
    return {"metrics": [metric for _, metric in shown], "nextToken": token}


def _check_destination(request: Request) -> None:
    config = request.get("metricsOutputConfig", {})
    if "s3DataDestination" in config and destination(request) is None:
        raise InvalidInput("Invalid S3 output path")


def _check_metrics(context: Context, group: Record, metrics: Sequence[Mapping[str, str]]) -> None:
    if not 1 <= len(metrics) <= _MOST_METRICS:
        raise InvalidInput(f"There must be 1 to {_MOST_METRICS} metrics.")
    names = [metric["metricName"] for metric in metrics]
    if len(set(names)) < len(names):
        raise InvalidInput("A metric name occurs more than once.")
    try:
        check_metrics(metrics, group_fields(context, group))
    except ExpressionError as problem:
        raise InvalidInput(str(problem)) from None
