"""What became of everybody: the sum over all shards, and the record that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pipeline import keys
from pipeline.errors import ShardIncomplete
from pipeline.notifications.claims import CHANNELS
from pipeline.notifications.shards import result_key, shards_key, shards_of
from pipeline.storage import Bucket

KINDS = {
    "sent": "Sent",
    "send": "WouldSend",
    "skipped": "Skipped",
    "failed": "Failed",
    "uncertain": "Uncertain",
}
"""Outcomes, and the metrics that count them; `send` is what a dry run would have sent."""


@dataclass(frozen=True)
class Report:
    """counts: by channel, kind and reason."""

    users: int
    counts: Mapping[tuple[str, str, str], int]

    def total(self, channel: str, kind: str) -> int:
        return sum(n for (c, k, _), n in self.counts.items() if (c, k) == (channel, kind))

    def totals(self) -> dict[str, dict[str, int]]:
        """By channel and metric; small, as it becomes the output of the execution."""
        return {
            channel: {metric: self.total(channel, kind) for kind, metric in KINDS.items()}
            for channel in CHANNELS
        }

    def reasons(self) -> list[dict[str, Any]]:
        return [
            {"channel": channel, "outcome": KINDS[kind], "reason": reason, "users": count}
            for (channel, kind, reason), count in sorted(self.counts.items())
            if reason
        ]


def read_report(bucket: Bucket, notification: str, run: str) -> Report:
    """Raises: ShardIncomplete, if a shard's results are not all there."""
    found = read_results(bucket, notification, run)
    if found.report is None:
        raise ShardIncomplete(f"{bucket.url(shards_key(notification, run))} is missing: nothing was planned")
    if found.missing:
        raise ShardIncomplete(found.missing[0])
    return found.report


class Results(NamedTuple):
    """report: of what there is; None, if there was no plan. done: users it tells of. missing: in words."""

    report: Report | None
    done: int
    missing: list[str]


def read_results(bucket: Bucket, notification: str, run: str) -> Results:
    """Of a run that may be under way or have failed. Raises: StorageFailed."""
    counts: Counter[tuple[str, str, str]] = Counter()
    done, missing = 0, []
    folder = keys.notifications(notification, run)
    shards = shards_of(bucket, notification, run)
    if shards is None:
        return Results(None, 0, [])
    for shard in shards:
        first = 0
        while first < shard["users"]:
            key = result_key(folder, shard["number"], first)
            result = bucket.read_json(key)
            if result is None or result["next"] <= first:
                missing.append(f"{bucket.url(key)} does not tell of the users from {first:,} on")
                break
            for channel, kind, reason, count in result["counts"]:
                counts[channel, kind, reason] += count
            first = result["next"]
        done += first
    return Results(Report(sum(shard["users"] for shard in shards), dict(counts)), done, missing)


def write_record(bucket: Bucket, notification: str, run: str, report: Report, plan: dict[str, Any]) -> None:
    """Counts only: it outlives the files with people in them."""
    record = {**plan, "users": report.users, "totals": report.totals(), "reasons": report.reasons()}
    bucket.write_json(keys.notification_record(notification, run), record)
