"""Runs of two variants in the data bucket, as a workflow leaves them: shards, lists, data sets and events."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from pipeline import keys
from pipeline.comparison.request import Comparing, Listed, Thresholds
from pipeline.lists.load import Shard
from pipeline.storage import Bucket
from pipeline.tracking import lake
from pipeline.tracking.batch import Batch
from pipeline.tracking.event import Event
from tests.app.support.own_data import csv_of

USE_CASE = "shop"
EARLIER, RUN = "20261125T060000000", "20261127T060000000"
LIMIT = 30
A, B = "personalize", "own"
THRESHOLDS = Thresholds(
    significance=0.05,
    least_people=20,
    relative_change=0.05,
    share_change=0.001,
    short_share=0.01,
    empty_share=0.001,
    leaked_share=0.001,
    least_personalisation=0.05,
    light_from=3,
    heavy_from=6,
)
T = TypeVar("T")
Answers = Mapping[str, Sequence[str]]
Interaction = tuple[str, str, int]


@dataclass(frozen=True)
class World:
    """own: what people have, by person. a, b: raw lists of the two variants, best first. member: whose lists
    they are.
    """

    bucket: Bucket
    own: Answers
    a: Answers
    b: Answers
    run: str = RUN
    people_per_shard: int = 25
    member: str = "userId"
    errors: frozenset[str] = frozenset()
    more: dict[str, Any] = field(default_factory=dict)

    def write(self) -> tuple[Listed, Listed]:
        return self._variant(A, self.a), self._variant(B, self.b)

    def _variant(self, variant: str, answers: Answers) -> Listed:
        folder = keys.batch(USE_CASE, self.run)
        shards = []
        for number, people in enumerate(_parts(list(self.own), self.people_per_shard)):
            shard = Shard(
                own=keys.shard(f"{folder}own/", number),
                output=keys.shard(f"{folder}output/", number) + ".out",
                users=len(people),
            )
            own = [{self.member: person, "own": list(self.own[person])} for person in people]
            _write(self.bucket, shard.own, own)
            output = f"{folder}{variant}/output/{shard.output.rpartition('/')[2]}"
            _write(self.bucket, output, (self._line(person, answers[person]) for person in people))
            shards.append(asdict(shard))
        self.bucket.write_json(f"{folder}shards.json", shards)
        return Listed(
            variant=variant,
            shards_key=f"{folder}shards.json",
            output_folder=f"{folder}{variant}/output/",
            **self.more.get(variant, {}),
        )

    def _line(self, person: str, items: Sequence[str]) -> dict[str, Any]:
        if person in self.errors:
            return {"input": {self.member: person}, "output": None, "error": "no such user"}
        scores = [round(1 / (2 + place), 6) for place in range(len(items))]
        output = {"recommendedItems": list(items), "scores": scores}
        return {"input": {self.member: person}, "output": output, "error": None}


def _parts(values: Sequence[T], size: int) -> list[Sequence[T]]:
    return [values[start : start + size] for start in range(0, len(values), size)]


def _write(bucket: Bucket, key: str, lines: Iterable[Any]) -> None:
    bucket.write(key, "".join(json.dumps(line) + "\n" for line in lines).encode(), "application/jsonlines")


def datasets(
    bucket: Bucket, interactions: Sequence[Interaction], items: Sequence[str], run: str = RUN
) -> tuple[dict[str, Any], ...]:
    tables: dict[str, tuple[list[str], Sequence[Sequence[object]]]] = {
        "interactions": (["USER_ID", "ITEM_ID", "TIMESTAMP"], interactions),
        "items": (["ITEM_ID"], [(item,) for item in items]),
    }
    found = []
    for name, (header, rows) in tables.items():
        key = keys.dataset(USE_CASE, run, name)
        bucket.write(key, csv_of(header, rows).encode(), "text/csv")
        found.append({"dataset": name, "key": key, "rows": len(rows)})
    return tuple(found)


def comparing(variants: tuple[Listed, ...], data: tuple[dict[str, Any], ...], **changes: Any) -> Comparing:
    settings: dict[str, Any] = {
        "use_case": USE_CASE,
        "run": RUN,
        "limit": LIMIT,
        "variants": variants,
        "datasets": data,
        "thresholds": THRESHOLDS,
    }
    return Comparing(**{**settings, **changes})


def event(person: str, item: str, at: int, *, type_: str = "watch", source: str = "batch") -> Event:
    return Event(
        event_id=f"{person}-{item}-{type_}-{at}",
        use_case=USE_CASE,
        type=type_,
        item_id=item,
        timestamp=at,
        received_at=at,
        source=source,
        variant=A,
        user_id=person,
    )


def track(bucket: Bucket, events: Sequence[Event]) -> None:
    for some in _parts(events, 90):
        lake.store(bucket, Batch.of(some))
