"""What became of everybody: the sum over all shards, and the record that stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline import keys
from pipeline.errors import ShardIncomplete
from pipeline.notifications.claims import CHANNELS
from pipeline.notifications.shards import result_key, shards_of
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
    counts: Counter[tuple[str, str, str]] = Counter()
    folder = keys.notifications(notification, run)
    shards = shards_of(bucket, notification, run)
    for shard in shards:
        first = 0
        while first < shard["users"]:
            key = result_key(folder, shard["number"], first)
            result = bucket.read_json(key)
            if result is None or result["next"] <= first:
                raise ShardIncomplete(f"{bucket.url(key)} does not tell of the users from {first:,} on")
            for channel, kind, reason, count in result["counts"]:
                counts[channel, kind, reason] += count
            first = result["next"]
    return Report(sum(shard["users"] for shard in shards), dict(counts))


def write_record(bucket: Bucket, notification: str, run: str, report: Report, plan: dict[str, Any]) -> None:
    """Counts only: it outlives the files with people in them."""
    record = {**plan, "users": report.users, "totals": report.totals(), "reasons": report.reasons()}
    bucket.write_json(keys.notification_record(notification, run), record)
