"""Denied items in the serving table, one partition per use case, and every change of them beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from pipeline.serving_items import Attributes

PREFIX, CHANGES_PREFIX = "denied#", "denied-changes#"
DENIED, ALLOWED = "denied", "allowed"
_EXPIRES = "expires"
_DAY = 86_400
KEPT_DAYS, CHANGE_DAYS = 1, 400
"""For which a denial is kept after its end, which is what readers go by, and a change after it was made."""


@dataclass(frozen=True, kw_only=True)
class Denial:
    """An item that is withheld; until: seconds since 1970, None: until it is allowed. by, at, reason: who has
    denied it, when (ISO 8601, UTC) and why.
    """

    item: str
    until: float | None
    reason: str
    by: str
    at: str

    def holds(self, now: float) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, kw_only=True)
class Change:
    """what: denied or allowed."""

    what: str
    denial: Denial


def denied_key(use_case: str, item: str) -> Attributes:
    return {"pk": {"S": f"{PREFIX}{use_case}"}, "sk": {"S": item}}


def denied_item(use_case: str, denial: Denial) -> Attributes:
    expiry = {} if denial.until is None else {_EXPIRES: _number(denial.until + KEPT_DAYS * _DAY)}
    return {**denied_key(use_case, denial.item), **_attributes(denial), **expiry}


def denial_of(item: Mapping[str, Any]) -> Denial:
    return _denial(item, item["sk"]["S"])


def change_item(use_case: str, change: Change, number: int, now: float) -> Attributes:
    """Sorted by time, and by its number among those of one command; an id alone may fill a sort key."""
    denial = change.denial
    name = blake2b(denial.item.encode(), digest_size=8).hexdigest()
    return {
        "pk": {"S": f"{CHANGES_PREFIX}{use_case}"},
        "sk": {"S": f"{now:017.6f}#{number:04d}#{name}"},
        "item": {"S": denial.item},
        "what": {"S": change.what},
        **_attributes(denial),
        _EXPIRES: _number(now + CHANGE_DAYS * _DAY),
    }


def change_of(item: Mapping[str, Any]) -> Change:
    return Change(what=item["what"]["S"], denial=_denial(item, item["item"]["S"]))


def ends(item: Mapping[str, Any]) -> float | None:
    """Of a denial as it is stored, in seconds since 1970; None without an end."""
    return float(item["until"]["N"]) if "until" in item else None


def _attributes(denial: Denial) -> Attributes:
    texts = {"reason": denial.reason, "by": denial.by, "at": denial.at}
    until = {} if denial.until is None else {"until": _number(denial.until)}
    return {**{name: {"S": text} for name, text in texts.items()}, **until}


def _denial(item: Mapping[str, Any], name: str) -> Denial:
    texts = {text: item.get(text, {}).get("S", "") for text in ("reason", "by", "at")}
    return Denial(item=name, until=ends(item), **texts)


def _number(value: float) -> dict[str, str]:
    return {"N": str(int(value))}
