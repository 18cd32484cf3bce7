"""Waits of executions: they pass sooner here than where a stage is deployed, and are no work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Waits:
    """How many, and for how many seconds at least one of them was waited for; as time passes here."""

    count: int = 0
    seconds: float = 0.0


def waits(histories: Iterable[Sequence[Mapping[str, Any]]], since: float) -> Waits:
    """Of Wait states, from a moment on (epoch seconds)."""
    spans = []
    for history in histories:
        entered: dict[str, list[float]] = {}
        for event in history:
            at = event["timestamp"].timestamp()
            if event["type"] == "WaitStateEntered":
                entered.setdefault(event["stateEnteredEventDetails"]["name"], []).append(at)
            elif event["type"] == "WaitStateExited":
                begun = entered[event["stateExitedEventDetails"]["name"]].pop(0)
                if at > since:
                    spans.append((max(begun, since), at))
    return Waits(len(spans), _together(spans))


def _together(spans: Iterable[tuple[float, float]]) -> float:
    seconds, until = 0.0, float("-inf")
    for begin, end in sorted(spans):
        seconds += max(0.0, end - max(begin, until))
        until = max(until, end)
    return seconds
