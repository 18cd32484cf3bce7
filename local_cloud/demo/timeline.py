"""Where an execution's time went: functions and maps by its history, jobs by Personalize's own times."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local_cloud.demo.report import Timing

_BEGINS = {"LambdaFunctionScheduled", "TaskScheduled"}
_ENDS = {f"{kind}{end}" for kind in ("LambdaFunction", "Task") for end in ("Succeeded", "Failed", "TimedOut")}


@dataclass(frozen=True)
class Span:
    phase: str
    begin: datetime
    end: datetime


def function_spans(history: Sequence[Mapping[str, Any]]) -> Iterator[Span]:
    """One per function call, named after its state."""
    events = {event["id"]: event for event in history}
    begun: dict[int, Mapping[str, Any]] = {}
    for event in history:
        if event["type"] in _BEGINS and _calls_function(event):
            begun[event["id"]] = event
        elif event["type"] in _ENDS and (start := _ancestor(events, event, begun)):
            yield Span(_phase(_state(events, start)), start["timestamp"], event["timestamp"])


def map_spans(history: Sequence[Mapping[str, Any]]) -> Iterator[Span]:
    """One per map state; its children have histories of their own."""
    begun: dict[str, datetime] = {}
    for event in history:
        if event["type"] == "MapStateEntered":
            begun[event["stateEnteredEventDetails"]["name"]] = event["timestamp"]
        elif event["type"] == "MapStateExited":
            name = event["stateExitedEventDetails"]["name"]
            yield Span(_phase(name), begun[name], event["timestamp"])


def timing(use_case: str, started: datetime, ended: datetime, spans: Iterable[Span]) -> Timing:
    """Parallel work counts once; what lies outside the execution does not count."""
    clipped = [Span(span.phase, max(span.begin, started), min(span.end, ended)) for span in spans]
    real = sorted((span for span in clipped if span.begin < span.end), key=lambda span: span.begin)
    phases = {
        phase: _length(s for s in real if s.phase == phase) for phase in dict.fromkeys(s.phase for s in real)
    }
    total = (ended - started).total_seconds()
    return Timing(use_case, phases, total, total - _length(real))


def _length(spans: Iterable[Span]) -> float:
    """Seconds covered by at least one of the spans, which come in order of their begin."""
    covered, until = 0.0, None
    for span in spans:
        begin = span.begin if until is None else max(span.begin, until)
        covered += max((span.end - begin).total_seconds(), 0.0)
        until = span.end if until is None else max(span.end, until)
    return covered


def _calls_function(event: Mapping[str, Any]) -> bool:
    if event["type"] == "LambdaFunctionScheduled":
        return True
    return bool(event["taskScheduledEventDetails"]["resourceType"] == "lambda")


def _ancestor(
    events: Mapping[int, Mapping[str, Any]],
    event: Mapping[str, Any],
    wanted: Mapping[int, Mapping[str, Any]],
) -> Mapping[str, Any] | None:
    """The nearest of the `wanted` events before this one; none if a state was entered in between."""
    at = event.get("previousEventId", 0)
    while at in events and not events[at]["type"].endswith("StateEntered"):
        if at in wanted:
            return wanted[at]
        at = events[at].get("previousEventId", 0)
    return None


def _state(events: Mapping[int, Mapping[str, Any]], event: Mapping[str, Any]) -> str:
    at: Mapping[str, Any] | None = event
    while at is not None and not at["type"].endswith("StateEntered"):
        at = events.get(at.get("previousEventId", 0))
    return "?" if at is None else str(at["stateEnteredEventDetails"]["name"])


def _phase(state: str) -> str:
    """Every dataset is extracted by a state of its own; together they are one phase."""
    name = state[:1].lower() + state[1:]
    return "extract" if name.startswith("extract ") else name
