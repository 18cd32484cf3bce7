"""Counters put back hour by hour.

An hour's numbers are spread over several items, and an event whose claim was lost too may have been counted
again, in any of them. So an hour's sums become what they were then or are now, whichever is more; or they
grow by what is missing less the events that were claimed anew, if that is more. Neither counts an event
twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from operations.restoring.kinds import Item
from operations.restoring.mending import counter, number_of
from operations.restoring.reading import key_of
from operations.restoring.writing import PUT, Writer

COUNTED_AGAIN = "counted again since"


def hour_of(item: Item) -> tuple[str, str]:
    """Its partition, and how the sort keys of its hour begin."""
    pk, sk = key_of(item)
    return pk, f"{sk.partition('#')[0]}#"


@dataclass
class Hour:
    """Counters as they were. kind: their name. missing: not there. less: to be raised to what they were."""

    kind: str
    missing: list[Item] = field(default_factory=list)
    less: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Hours:
    """client: of DynamoDB. beside: the restored table. again: events that were claimed anew, of all hours."""

    client: Any
    table: str
    beside: str
    again: int

    def restore(self, hour: Hour) -> tuple[Sequence[str], Sequence[str]]:
        """What became of those missing and of those that are less, as `Writer` says it.

        Raises: ClientError.
        """
        missing, less = hour.missing, hour.less
        place = hour_of([*missing, *less][0])
        now = self._items(self.table, place)
        there = {key_of(item): item for item in now}
        wanted = _numbers(missing)
        for item in less:
            wanted += _numbers([item]) - _numbers([there.get(key_of(item), {})])
        lost = _numbers(self._items(self.beside, place)) - _numbers(now)
        lost |= Counter({name: number - self.again for name, number in wanted.items()})
        writer = Writer(self.client, self.table)
        back, raised = [], []
        for item in missing:
            part = _within(item, {}, lost)
            back.append(writer.put_absent(part) if part else COUNTED_AGAIN)
            if part and back[-1] == PUT:
                lost -= _numbers([part])
        for item in less:
            current = there.get(key_of(item), {})
            part = _within(item, current, lost)
            whole = counter(part, current) if part and current else None
            raised.append(writer.mend(current, whole) if whole else COUNTED_AGAIN)
            if whole and raised[-1] == PUT:
                lost -= _numbers([whole]) - _numbers([current])
        return back, raised

    def _items(self, table: str, hour: tuple[str, str]) -> list[Item]:
        pages = self.client.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :hour)",
            ExpressionAttributeValues={":pk": {"S": hour[0]}, ":hour": {"S": hour[1]}},
            ConsistentRead=True,
        )
        return [item for page in pages for item in page["Items"]]


def _numbers(items: Sequence[Item]) -> Counter[str]:
    """The sums."""
    found: Counter[str] = Counter()
    for item in items:
        found.update({name: int(number_of(item, name)) for name in item if "|" in name})
    return found


def _within(item: Item, now: Item, lost: Counter[str]) -> Item | None:
    """The item with no more above what is there now than is lost; None, if that is nothing."""
    numbers: dict[str, int] = {}
    for name in item:
        if "|" in name:
            numbers[name] = min(int(number_of(item, name)), int(number_of(now, name)) + lost[name])
    rest = {name: value for name, value in item.items() if "|" not in name}
    kept = {name: {"N": str(value)} for name, value in numbers.items() if value > 0}
    return {**rest, **kept} if kept else None
