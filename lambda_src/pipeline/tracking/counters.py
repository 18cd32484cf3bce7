"""How often recommendations were shown and acted upon, per use case, hour, variant and source.

A day of a use case is a partition of the table; each hour in it has a few items, so that several consumers
can count at once. An item has an attribute per kind, variant and source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pipeline.tracking.event import IMPRESSION, Event
from pipeline.tracking.use_cases import TrackedUseCase

SHARDS = 8
IMPRESSIONS, ACTIONS, OTHERS = "impressions", "actions", "others"
_KEPT_DAYS = 400
_DAY = 86_400


@dataclass(frozen=True, order=True)
class Count:
    """`number` of one kind of events (impressions, actions, others) in an hour (UTC, 0-23) of a day."""

    use_case: str
    day: str
    hour: int
    variant: str
    source: str
    kind: str
    number: int


def kind_of(event: Event, use_case: TrackedUseCase) -> str:
    if event.type == IMPRESSION:
        return IMPRESSIONS
    return ACTIONS if event.type in use_case.actions else OTHERS


def partition(use_case: str, day: str) -> str:
    return f"count#{use_case}#{day}"


def additions(
    table: str, use_case: TrackedUseCase, events: Iterable[Event], *, shard: int
) -> Iterator[dict[str, Any]]:
    """The updates that count these events, one per hour."""
    hours: dict[tuple[str, int], Counter[str]] = {}
    for event in events:
        place = (event.happened.date().isoformat(), event.happened.hour)
        name = f"{kind_of(event, use_case)}|{event.variant}|{event.source}"
        hours.setdefault(place, Counter())[name] += 1
    for (day, hour), numbers in sorted(hours.items()):
        names = {f"#n{place}": name for place, name in enumerate(sorted(numbers))}
        values = {f":v{key[2:]}": {"N": str(numbers[name])} for key, name in names.items()}
        adding = ", ".join(f"{key} :v{key[2:]}" for key in names)
        midnight = datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
        yield {
            "Update": {
                "TableName": table,
                "Key": {
                    "pk": {"S": partition(use_case.name, day)},
                    "sk": {"S": f"{hour:02d}#{shard}"},
                },
                "UpdateExpression": f"ADD {adding} SET expires = :expires",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": {
                    **values,
                    ":expires": {"N": str(int(midnight) + _KEPT_DAYS * _DAY)},
                },
            }
        }


def read_day(client: Any, table: str, use_case: str, day: str) -> list[Count]:
    """All counts of a day, as of now."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": partition(use_case, day)}},
        ConsistentRead=True,
    )
    totals: Counter[tuple[int, str]] = Counter()
    for page in pages:
        for item in page["Items"]:
            hour = int(item["sk"]["S"].partition("#")[0])
            for name, value in item.items():
                if "|" in name:
                    totals[hour, name] += int(value["N"])
    return sorted(_count(use_case, day, hour, name, number) for (hour, name), number in totals.items())


def _count(use_case: str, day: str, hour: int, name: str, number: int) -> Count:
    kind, variant, source = name.split("|")
    return Count(use_case, day, hour, variant, source, kind, number)


def totals(counts: Iterable[Count]) -> Mapping[tuple[str, str], Counter[str]]:
    """How many of each kind there are, by variant and source."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for count in counts:
        found.setdefault((count.variant, count.source), Counter())[count.kind] += count.number
    return found
