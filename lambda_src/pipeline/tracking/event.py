"""What happened to a recommended item, as it travels through the queue and lies in S3."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Self

from pipeline.errors import InvalidInput

IMPRESSION = "impression"
KIND = "event"
_OPTIONAL = frozenset(
    {
        *("user_id", "session_id", "generation", "recommendation_id"),
        *("arm", "experiment", "region", "epoch", "fenced"),
    }
)
_NUMBERS = frozenset({"timestamp", "received_at", "experiment", "epoch"})
_FLAGS = frozenset({"fenced"})
_KINDS = {bool: "true or false", int: "a whole number", str: "a text"}
_DIGITS = 32


@dataclass(frozen=True, kw_only=True)
class Event:
    """timestamp, received_at: seconds since 1970, when it happened and when it was accepted.
    source: which list it was shown in. Of user_id and session_id one at least is there.
    arm, experiment: what its user was assigned to, by which version of the experiment. region: that accepted
    it, in this epoch as far as it had heard. fenced: that another region was the active one then, and nobody
    was told of the event. more: members that a newer version has added, passed on as they are.
    """

    event_id: str
    use_case: str
    type: str
    item_id: str
    timestamp: int
    received_at: int
    source: str
    variant: str
    user_id: str | None = None
    session_id: str | None = None
    generation: str | None = None
    recommendation_id: str | None = None
    arm: str | None = None
    experiment: int | None = None
    region: str | None = None
    epoch: int | None = None
    fenced: bool | None = None
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def claim(self) -> str:
        """What tells the event from others: its id, within a use case and whoever caused it.

        A stranger who knows or guesses an event's id can therefore not keep it from being counted.
        """
        whose = f"user\0{self.user_id}" if self.user_id is not None else f"session\0{self.session_id}"
        return digest(self.use_case, whose, self.event_id)

    @property
    def happened(self) -> datetime:
        return datetime.fromtimestamp(self.timestamp, UTC)

    def as_json(self) -> dict[str, Any]:
        """Without what is not known."""
        own = {name: getattr(self, name) for name in _MEMBERS}
        return {**{name: value for name, value in own.items() if value is not None}, **self.more}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises: InvalidInput, which names every member that is wrong."""
        if not isinstance(value, Mapping):
            raise InvalidInput("an event must be an object")
        problems = []
        for name in _MEMBERS:
            kind = bool if name in _FLAGS else int if name in _NUMBERS else str
            if name not in value:
                if name not in _OPTIONAL:
                    problems.append(f"{name} is missing")
            elif type(value[name]) is not kind:
                problems.append(f"{name} must be {_KINDS[kind]}")
        if not problems and "user_id" not in value and "session_id" not in value:
            problems.append("user_id or session_id is missing")
        if problems:
            raise InvalidInput("; ".join(problems))
        given = {name: value[name] for name in _MEMBERS if name in value}
        return cls(**given, more={name: value[name] for name in value if name not in given})


_MEMBERS = tuple(member.name for member in fields(Event) if member.name != "more")


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_DIGITS]
