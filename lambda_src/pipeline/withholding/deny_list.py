"""The deny list of a use case as operators change it: who, when and why is kept with each change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.errors import InvalidInput
from pipeline.serving_items import Attributes
from pipeline.times import iso
from pipeline.withholding.items import (
    ALLOWED,
    CHANGES_PREFIX,
    DENIED,
    PREFIX,
    Change,
    Denial,
    change_item,
    change_of,
    denial_of,
    denied_item,
    denied_key,
)

MOST = 1000
"""Items of a use case: each function that answers people reads the list every few seconds."""
_ITEMS_PER_TRANSACTION = 50
"""DynamoDB takes 100 actions: each item has one, and its change another."""


@dataclass(frozen=True)
class DenyList:
    """Of one use case; `client` is a DynamoDB client of any region of the stage, whose tables copy each
    other. clock: seconds since 1970.
    """

    client: Any
    table: str
    use_case: str
    clock: Callable[[], float]

    def deny(self, items: Sequence[str], *, until: float | None, reason: str, by: str) -> None:
        """From now on, until the second of that name if there is one; what was denied already is denied as
        said now. Written in parts of 50 items, each of which is written whole or not at all.

        Raises: InvalidInput, if that would be more than 1,000 items, and nothing is written then.
        """
        names = tuple(dict.fromkeys(items))
        count = len({denial.item for denial in self.current()} | set(names))
        if count > MOST:
            raise InvalidInput(
                f"{self.use_case}: nothing was denied: {count:,} items would be, and {MOST:,} may be; "
                "what is withdrawn for good belongs out of the data, which the next run goes by"
            )
        at = iso(self.clock())
        denials = [Denial(item=name, until=until, reason=reason, by=by, at=at) for name in names]
        self._write([(DENIED, denial, self._put(denied_item(self.use_case, denial))) for denial in denials])

    def allow(self, items: Sequence[str], *, reason: str, by: str) -> tuple[str, ...]:
        """Answers those of the items that were denied, which are not any more."""
        names = set(items)
        found = [denial for denial in self.current() if denial.item in names]
        at = iso(self.clock())
        after = [Denial(item=one.item, until=None, reason=reason, by=by, at=at) for one in found]
        self._write(
            [
                (
                    ALLOWED,
                    denial,
                    {"Delete": {"TableName": self.table, "Key": denied_key(self.use_case, denial.item)}},
                )
                for denial in after
            ]
        )
        return tuple(denial.item for denial in found)

    def current(self) -> list[Denial]:
        """Those that hold now, by item."""
        now = self.clock()
        found = [denial_of(item) for item in self._items(f"{PREFIX}{self.use_case}")]
        return [denial for denial in found if denial.holds(now)]

    def changes(self) -> list[Change]:
        """Of the last 400 days, oldest first."""
        return [change_of(item) for item in self._items(f"{CHANGES_PREFIX}{self.use_case}")]

    def _items(self, pk: str) -> Iterator[Attributes]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])

    def _put(self, item: Attributes) -> dict[str, Any]:
        return {"Put": {"TableName": self.table, "Item": item}}

    def _write(self, changes: Sequence[tuple[str, Denial, dict[str, Any]]]) -> None:
        now = self.clock()
        for start in range(0, len(changes), _ITEMS_PER_TRANSACTION):
            part = changes[start : start + _ITEMS_PER_TRANSACTION]
            actions: list[dict[str, Any]] = []
            for number, (what, denial, action) in enumerate(part, start=start):
                change = Change(what=what, denial=denial)
                actions += [action, self._put(change_item(self.use_case, change, number, now))]
            self.client.transact_write_items(TransactItems=actions)
