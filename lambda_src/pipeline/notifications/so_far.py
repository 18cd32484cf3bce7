"""What a run of notifications has done, though it did not come to its report."""

from __future__ import annotations

from contextlib import suppress

from pipeline import keys
from pipeline.errors import StorageFailed
from pipeline.notifications.claims import CHANNELS
from pipeline.notifications.report import KINDS, Report, read_results
from pipeline.notifications.shards import failure_key
from pipeline.storage import Bucket

_TOLD = ("sent", "failed", "uncertain")


def note_failure(bucket: Bucket, folder: str, error: Exception) -> None:
    """A distributed map says of its failed executions only that there were too many."""
    with suppress(StorageFailed):
        bucket.write_json(failure_key(folder), {"error": type(error).__name__, "reason": str(error)})


def told_so_far(bucket: Bucket, notification: str, run: str) -> tuple[str, ...]:
    """Lines: how many people are done with, messages by channel, and why a shard failed last.

    Raises: StorageFailed.
    """
    folder = keys.notifications(notification, run)
    report, done, _ = read_results(bucket, notification, run)
    if report is None:
        return ("Nobody was told: the run ended before its first message.",)
    failure = bucket.read_json(failure_key(folder))
    why = f"A shard failed last with {failure['error']}: {failure['reason']}" if failure else None
    return (
        *((why,) if why else ()),
        f"Done with: {done:,} of {report.users:,} people",
        *(_line(report, channel) for channel in CHANNELS),
    )


def _line(report: Report, channel: str) -> str:
    counts = ", ".join(f"{report.total(channel, kind):,} {kind}" for kind in KINDS if kind in _TOLD)
    return f"- {channel}: {counts}"
