"""Step: counts what a run of notifications did, for metrics and for the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from pipeline.notifications.report import Report, read_report, write_record
from steps import telemetry
from steps.clients import data_bucket
from steps.request import read_request


@dataclass(frozen=True)
class Request:
    notification: str
    use_case: str
    run: str
    dry_run: bool
    plan: dict[str, Any]


class Result(TypedDict):
    """totals: users by channel and metric."""

    users: int
    dryRun: bool
    totals: dict[str, dict[str, int]]


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(Request, event)
    telemetry.logger.append_keys(notification=request.notification, run=request.run)
    report = read_report(data_bucket(), request.notification, request.run)
    write_record(data_bucket(), request.notification, request.run, report, request.plan)
    _count(request, report)
    result: Result = {"users": report.users, "dryRun": request.dry_run, "totals": report.totals()}
    telemetry.logger.info("notifications reported", extra={**result, "reasons": report.reasons()})
    return result


def _count(request: Request, report: Report) -> None:
    """By channel; what has a reason also by reason."""
    for channel, totals in report.totals().items():
        where = {"use_case": request.use_case, "channel": channel}
        telemetry.tell(where, totals)
    for entry in report.reasons():
        where = {"use_case": request.use_case, "channel": entry["channel"], "reason": entry["reason"]}
        telemetry.tell(where, {entry["outcome"]: entry["users"]})
