"""People who do not want to be personalised: a partition of the serving table with an item each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.serving_items import Attributes
from pipeline.times import iso
from pipeline.withholding.reading import SECONDS

PARTITION = "opted-out"
HELD = 500
"""So many people are remembered at most; where there are more, each is looked up."""
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """by, at, reason: who has said so, when (ISO 8601, UTC) and why."""

    user: str
    by: str
    at: str
    reason: str


def opt_out_key(user: str) -> Attributes:
    return {"pk": {"S": PARTITION}, "sk": {"S": user}}


@dataclass(frozen=True)
class OptOutList:
    """As operators change it, and runs read it; `client` is a DynamoDB client of any region of the stage.
    clock: seconds since 1970.
    """

    client: Any
    table: str
    clock: Callable[[], float] = time.time

    def add(self, users: Sequence[str], *, reason: str, by: str) -> None:
        """Who is there already stays as of then: the first time counts."""
        texts = {"by": {"S": by}, "at": {"S": iso(self.clock())}, "reason": {"S": reason}}
        for user in users:
            try:
                self.client.put_item(
                    TableName=self.table,
                    Item={**opt_out_key(user), **texts},
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except self.client.exceptions.ConditionalCheckFailedException:
                continue

    def remove(self, users: Sequence[str]) -> tuple[str, ...]:
        """Answers those who were there."""
        return tuple(
            user
            for user in users
            if self.client.delete_item(
                TableName=self.table, Key=opt_out_key(user), ReturnValues="ALL_OLD"
            ).get("Attributes")
        )

    def everybody(self) -> Iterator[OptOut]:
        """By user."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table, ConsistentRead=True, **_everybody()
        )
        for page in pages:
            for item in page["Items"]:
                texts = {name: item.get(name, {}).get("S", "") for name in ("by", "at", "reason")}
                yield OptOut(user=item["sk"]["S"], **texts)


def _everybody() -> dict[str, Any]:
    return {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": PARTITION}},
    }


@dataclass
class _Known:
    """users: None: more than are remembered."""

    users: frozenset[str] | None
    due_at: float


class OptOuts:
    """What a process knows of them. query, get: those of a table's client, with the table's name, failing
    with one of `failures`. clock: monotonic, in seconds.
    """

    def __init__(
        self,
        query: Callable[..., Any],
        get: Callable[..., Any],
        *,
        failures: tuple[type[Exception], ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._query = query
        self._get = get
        self._failures = failures
        self._clock = clock
        self._known: _Known | None = None

    def has(self, user: str, *, ask: bool = True) -> bool:
        """Whether the person has opted out. While that cannot be read: as it was read last; of a person who
        would have to be looked up, yes; and no, if nothing at all has been read yet.

        ask: False reads nothing.
        """
        known = self._look() if ask else self._known
        if known is None:
            return False
        if known.users is not None:
            return user in known.users
        if not ask:
            return True
        try:
            return "Item" in self._get(Key=opt_out_key(user))
        except self._failures:
            return True

    def _look(self) -> _Known | None:
        known, moment = self._known, self._clock()
        if known is None or moment >= known.due_at:
            try:
                answer = self._query(**_everybody(), ProjectionExpression="sk", Limit=HELD + 1)
            except self._failures:
                if known:
                    known.due_at = moment + _AGAIN_SECONDS
                return known
            users = frozenset(item["sk"]["S"] for item in answer["Items"])
            whole = len(users) <= HELD and "LastEvaluatedKey" not in answer
            self._known = _Known(users if whole else None, moment + SECONDS)
        return self._known
