"""Deny lists as those read them who answer people or tell them something."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.withholding.items import PREFIX, ends

SECONDS = 20.0
"""For which a list is remembered: a third of the minute in which a denial must be seen everywhere."""
_AGAIN_SECONDS = 1.0
Denied = Mapping[str, float | None]
"""By item, until when, in seconds since 1970; None: without an end."""


class DenyListUnknown(Exception):
    """It could not be read, and was not before; the message says why."""


def read_denied(query: Callable[..., Any], use_case: str) -> Denied:
    """query: that of a table's client, with the table's name. Raises: whatever `query` raises."""
    found: dict[str, float | None] = {}
    start: dict[str, Any] = {}
    while True:
        answer = query(
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"{PREFIX}{use_case}"}},
            ExpressionAttributeNames={"#until": "until"},
            ProjectionExpression="sk, #until",
            **start,
        )
        found |= {item["sk"]["S"]: ends(item) for item in answer["Items"]}
        if "LastEvaluatedKey" not in answer:
            return found
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


@dataclass
class _Known:
    denied: Denied
    due_at: float


class DenyLists:
    """What a process remembers of them, by use case. read: as `read_denied` does, failing with one of
    `failures`. clock: monotonic, now: since 1970, both in seconds.
    """

    def __init__(
        self,
        read: Callable[[str], Denied],
        *,
        failures: tuple[type[Exception], ...] = (),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._read = read
        self._failures = failures
        self._clock = clock
        self._now = now
        self._known: dict[str, _Known] = {}

    def of(self, use_case: str, *, ask: bool = True) -> frozenset[str]:
        """Items that are denied now. While it cannot be read, those that were read last.

        ask: False reads nothing. Raises: DenyListUnknown; whatever `read` raises besides its failures.
        """
        known, moment = self._known.get(use_case), self._clock()
        if ask and (known is None or moment >= known.due_at):
            try:
                known = _Known(self._read(use_case), moment + SECONDS)
            except self._failures as error:
                if known is None:
                    raise DenyListUnknown(f"{use_case}: {error}") from error
                known = _Known(known.denied, moment + _AGAIN_SECONDS)
            self._known[use_case] = known
        if known is None:
            raise DenyListUnknown(f"{use_case}: not asked")
        now = self._now()
        return frozenset(item for item, until in known.denied.items() if until is None or now < until)
