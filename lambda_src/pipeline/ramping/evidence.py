"""What a ramp knows when it decides: figures of answers and lists, the measurement, the comparison.

Everything may be missing: who wrote it may be what failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.errors import InvalidInput

SHIP, WORSE, NOTHING_BIGGER = "ship", "stop: worse", "stop: nothing bigger"
"""Verdicts of a measurement."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Of the serving API to people of an arm, in a window: all, those that failed altogether (5xx), those of
    another source than the first, those that met an error or a time-out on the way, those without items.
    p95_ms: that one in twenty took, or more; None: not known.
    """

    requests: float = 0
    fallbacks: float = 0
    failures: float = 0
    empty: float = 0
    errors: float = 0
    p95_ms: float | None = None

    def share(self, figure: str) -> float:
        return float(getattr(self, figure)) / self.requests if self.requests else 0.0


@dataclass(frozen=True, kw_only=True)
class Published:
    """at: when a variant's lists were published, or found to be up to date later on. users: who have one."""

    at: datetime
    users: int


@dataclass(frozen=True, kw_only=True)
class Health:
    """treated, control: answers to the arms; None: not known. published: by variant; missing: nothing is.
    api_errors: share of the API's answers. unread: what could not be read, in words.
    """

    treated: Answers | None = None
    control: Answers | None = None
    published: Mapping[str, Published]
    api_errors: float | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """Of a measurement. day: the last one that was measured. broken: guardrails, worse than allowed."""

    day: str
    split_is_right: bool
    verdict: str
    words: str
    broken: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Report:
        """found: as the measurement wrote it. Raises: InvalidInput, if a member is not as it must be."""
        try:
            decision = found["decision"]
            return cls(
                day=str(datetime.fromisoformat(found["day"]).date()),
                split_is_right=_truth(found["split"]["right"]),
                verdict=str(decision["verdict"]),
                words=str(decision["words"]),
                broken=tuple(str(one["name"]) for one in found["guardrails"] if one["state"] == "broken"),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(f"the report of the measurement cannot be read: {error!r}"[:200]) from error


@dataclass(frozen=True, kw_only=True)
class Compared:
    """run: of which the lists were compared. blocks: what stands against a ramp, in words."""

    run: str
    blocks: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Compared:
        """found: as the comparison wrote it. Raises: InvalidInput, if a member is not as it must be."""
        try:
            return cls(run=str(found["run"]), blocks=tuple(str(block["words"]) for block in found["blocks"]))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(f"the comparison cannot be read: {error!r}"[:200]) from error


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """report, compared: None: there is none, or it cannot be read, which unread says."""

    health: Health
    report: Report | None = None
    compared: Compared | None = None
    unread: tuple[str, ...] = ()


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value
