"""After a storm of events: is each acknowledged one counted, stored and told once, and nothing else?"""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.tracking.event import Event
from tests.app.support.event_storm.tracking_stack import ACTIONS, BUCKET, TABLE
from tests.local_cloud.support.local_aws import LocalAws

Posted = Mapping[str, Any]


@dataclass
class Findings:
    """Numbers of events: acknowledged ones, and in each place the missing, the repeated and the unknown."""

    acknowledged: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    repeated: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        return sum(sum(found.values()) for found in (self.missing, self.repeated, self.unknown))


@dataclass(frozen=True)
class Audit:
    """accepted: acknowledged events by claim. state: of the Personalize server, its database."""

    aws: LocalAws
    accepted: Mapping[str, Posted]
    state: Path

    def findings(self) -> Findings:
        found = Findings(acknowledged=len(self.accepted))
        self._compare(found, "counters", self._counters())
        self._compare(found, "metrics", self._metrics())
        self._compare_ids(found, "lines in the bucket", Counter(self._lines()), set(self.accepted))
        sent = {
            claim
            for claim, posted in self.accepted.items()
            if posted["useCase"] == "posts" and posted["type"] != "impression"
        }
        self._compare_ids(found, "events at Personalize", Counter(self._told()), sent)
        table = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        left = sum(item["pk"]["S"].startswith("batch#") for page in table for item in page["Items"])
        if left:
            found.unknown["unfinished batches"] = left
        return found

    def _expected(self) -> Counter[tuple[str, ...]]:
        return Counter(
            (posted["useCase"], _kind(posted), posted["variant"], posted["source"])
            for posted in self.accepted.values()
        )

    def _counters(self) -> Counter[tuple[str, ...]]:
        found: Counter[tuple[str, ...]] = Counter()
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        for item in (item for page in pages for item in page["Items"]):
            kind, _, rest = item["pk"]["S"].partition("#")
            if kind == "count":
                for name, value in item.items():
                    if "|" in name:
                        found[rest.rpartition("#")[0], *name.split("|")] += int(value["N"])
        return found

    def _metrics(self) -> Counter[tuple[str, ...]]:
        """Of each metric and time the greatest value that was told, as the statistic Maximum has it."""
        greatest: dict[tuple[Any, ...], int] = {}
        pages = (
            self.aws.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName="/aws/lambda/storm")
        )
        for entry in (entry for page in pages for entry in page["events"]):
            with suppress(ValueError):
                told = json.loads(entry["message"])
                if "_aws" in told and "variant" in told:
                    for kind, name in (("impressions", "ImpressionsPerDay"), ("actions", "ActionsPerDay")):
                        if name in told:
                            where = (told["use_case"], kind, told["variant"], told["source"])
                            key = (*where, told["_aws"]["Timestamp"])
                            greatest[key] = max(greatest.get(key, 0), int(told[name][0]))
        found: Counter[tuple[str, ...]] = Counter()
        for key, value in greatest.items():
            found[key[:4]] += value
        return found

    def _lines(self) -> Iterator[str]:
        s3 = self.aws.client("s3")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for entry in page.get("Contents", ()):
                body = s3.get_object(Bucket=BUCKET, Key=entry["Key"])["Body"].read()
                for line in gzip.decompress(body).splitlines():
                    yield Event.from_json(json.loads(line)).claim

    def _told(self) -> list[str]:
        """The ids of the events that the Personalize server keeps; it ignores those that it knows already."""
        with closing(sqlite3.connect(f"file:{self.state}?mode=ro", uri=True)) as db:
            return [row[0] for row in db.execute("SELECT event_id FROM put_records")]

    def _compare(self, found: Findings, where: str, numbers: Counter[tuple[str, ...]]) -> None:
        expected = self._expected()
        if where == "metrics":
            expected = Counter({key: n for key, n in expected.items() if key[1] != "others"})
        missing, more = expected - numbers, numbers - expected
        found.missing[where], found.repeated[where] = missing.total(), more.total()

    def _compare_ids(self, found: Findings, where: str, ids: Counter[str], expected: set[str]) -> None:
        found.missing[where] = len(expected - set(ids))
        found.repeated[where] = ids.total() - len(ids)
        found.unknown[where] = len(set(ids) - expected)


def _kind(posted: Posted) -> str:
    if posted["type"] == "impression":
        return "impressions"
    return "actions" if posted["type"] in ACTIONS[posted["useCase"]] else "others"


def claim_of(posted: Posted) -> str:
    return Event(
        event_id=posted["eventId"],
        use_case=posted["useCase"],
        type=posted["type"],
        item_id=posted["itemId"],
        timestamp=0,
        received_at=0,
        source=posted["source"],
        variant=posted["variant"],
        user_id=posted["userId"],
    ).claim
