"""Where reports are written, and under which names."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from personalize_server.objects.locations import Location, parse_location


def destination(body: Mapping[str, Any]) -> Location | None:
    """The folder that the reports of a metric attribution with these members go to; None: it has none."""
    target = body["metricsOutputConfig"].get("s3DataDestination")
    found = parse_location(target["path"]) if target else None
    return found if found is None or found.is_folder else Location(found.bucket, f"{found.key}/")


def file_name(method: str, moment: float) -> str:
    """`method` is how the events came; the moment (s since 1970) is told to the microsecond, to be unique."""
    stamp = datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"AggregatedAttributionMetrics - {method} - {stamp}.csv"
