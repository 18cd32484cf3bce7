"""People who do not want to be personalised, as those read them who answer people or tell them something."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline.serving_items import Attributes
from pipeline.withholding.reading import SECONDS

PARTITION = "opted-out"
HELD = 500
"""So many people are remembered at most; where there are more, each is looked up."""
_AGAIN_SECONDS = 1.0


def opt_out_key(user: str) -> Attributes:
    return {"pk": {"S": PARTITION}, "sk": {"S": user}}


def everybody() -> dict[str, Any]:
    """A query of the partition."""
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
                answer = self._query(**everybody(), ProjectionExpression="sk", Limit=HELD + 1)
            except self._failures:
                if known:
                    known.due_at = moment + _AGAIN_SECONDS
                return known
            users = frozenset(item["sk"]["S"] for item in answer["Items"])
            whole = len(users) <= HELD and "LastEvaluatedKey" not in answer
            self._known = _Known(users if whole else None, moment + SECONDS)
        return self._known
