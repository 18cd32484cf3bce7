"""An experiment of a few people, and its events in a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count, product
from typing import Any

import pytest

from pipeline.measuring.experiment import Count, Experiment, Guardrail, Metric
from pipeline.storage import Bucket
from pipeline.tracking import lake
from pipeline.tracking.batch import Batch
from pipeline.tracking.event import Event

METRIC = Metric(name="likes per impression", of=Count(types=("like",)))
HIDES = Guardrail(metric=Metric(name="hides", of=Count(types=("hide",))), margin=0.5, more_is_worse=True)


def experiment(**other: Any) -> Experiment:
    usual: dict[str, Any] = {"use_case": "posts", "name": "first", "hypothesis": "own is better"}
    usual |= {"metric": METRIC, "start": "2026-11-10", "first_version": 2, "people": 100, "effect": 0.1}
    return Experiment(**usual | {"past_days": 3, "guardrails": (HIDES,)} | other)


@dataclass
class Lake:
    bucket: Bucket
    numbers: Iterator[int] = field(default_factory=count)

    def happened(self, day: str, people: str, types: str, arm: str | None = None, **other: Any) -> None:
        """A batch at noon. people, types: between blanks, every one of each; like*3 is three of them."""
        moment = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).timestamp() + 43_200
        events = []
        for person, word in product(people.split(), types.split()):
            kind, _, times = word.partition("*")
            for _ in range(int(times or 1)):
                usual: dict[str, Any] = {"user_id": person, "source": "personal", "timestamp": int(moment)}
                if arm:
                    usual |= {"arm": arm, "experiment": 2}
                made = Event(
                    event_id=str(next(self.numbers)),
                    use_case="posts",
                    type=kind,
                    item_id="i",
                    received_at=int(moment),
                    variant="own",
                    **usual | other,
                )
                events.append(made)
        lake.store(self.bucket, Batch.of(events))


@pytest.fixture
def events(bucket: Bucket) -> Lake:
    return Lake(bucket)
