"""Where functions write: log events, and the metrics embedded in them."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.logs.models import logs_backends

from local_cloud.ground.clients import Keys
from local_cloud.ground.settings import Settings
from local_cloud.judge.actions.need import Need
from local_cloud.judge.instance import installed
from local_cloud.judge.refusals import Refused

MAXIMUM_LOG_EVENT = 250_000


def write(
    settings: Settings, region: str, group: str, stream: str, lines: list[str], keys: Keys | None = None
) -> None:
    """Append to a log stream, creating group and stream, and publish the metrics embedded in the lines.

    keys: of the role that writes. Without its right to, nothing is written, and the function is not told.
    """
    resource = f"arn:aws:logs:{region}:{settings.account}:log-group:{group}:log-stream:{stream}"
    needs = [Need(action=f"logs:{each}", resource=resource) for each in ("CreateLogStream", "PutLogEvents")]
    try:
        installed().role_needs(keys, needs)
    except Refused:
        return
    backend = logs_backends[settings.account][region]
    backend.ensure_log_group(group)
    if stream not in backend.groups[group].streams:
        backend.create_log_stream(group, stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line[:MAXIMUM_LOG_EVENT]} for line in lines if line]
    if events:
        backend.put_log_events(group, stream, events)
    for line in lines:
        for namespace, data in _embedded_metrics(line):
            # Straight to the backend: a request to this server would cost more than the function did.
            cloudwatch_backends[settings.account][region].put_metric_data(namespace, data)


def _embedded_metrics(line: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Metrics of a line in CloudWatch's embedded metric format: one datum per metric and dimension set."""
    if not (line.startswith("{") and '"_aws"' in line):
        return
    try:
        document = json.loads(line)
        directives = document["_aws"]["CloudWatchMetrics"]
        milliseconds = document["_aws"].get("Timestamp", time.time() * 1000)
        timestamp = datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
    except (ValueError, KeyError, TypeError):
        return
    for directive in directives:
        data = [
            {
                "MetricName": metric["Name"],
                "Dimensions": [{"Name": name, "Value": str(document[name])} for name in dimensions],
                "Timestamp": timestamp,
                "Unit": metric.get("Unit", "None"),
                "Values": [float(value) for value in values],
            }
            for dimensions in directive.get("Dimensions") or [[]]
            for metric in directive["Metrics"]
            if (values := _values(document.get(metric["Name"])))
        ]
        if data:
            yield directive["Namespace"], data


def _values(value: Any) -> list[float]:
    return [] if value is None else value if isinstance(value, list) else [value]
