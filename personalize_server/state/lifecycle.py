"""The status of a resource: a function of its record, the time and how its background job ended."""

from collections.abc import Mapping
from typing import Any

from personalize_server.facts.resource_type import Words
from personalize_server.facts.resources import RESOURCES
from personalize_server.facts.timing import Timing
from personalize_server.state.store import Record

RUNNING_WORK = ("queued", "running", "stopping")
_UPDATE = Words()


def status(record: Record, now: float, timing: Timing) -> str | None:
    """None: it has gone (or, for a schema, that it has no status)."""
    words = RESOURCES[record.kind].words
    age = _age(record.phase_since, now)
    match record.phase:
        case "delete":
            return _progress(
                age, timing.deleting(record.kind), timing, "DELETE PENDING", "DELETE IN_PROGRESS"
            )
        case "stop" | "start":
            verb, end = ("STOP", "INACTIVE") if record.phase == "stop" else ("START", "ACTIVE")
            whole = timing.deleting(record.kind)
            return _progress(age, whole, timing, f"{verb} PENDING", f"{verb} IN_PROGRESS") or end
    if words is None:
        return None
    whole = timing.creating(record.kind)
    underway = _progress(age, whole, timing, words.pending, words.running)
    match record.work:
        case "queued":
            return words.pending
        case "running":
            return underway or words.running
        case "stopping":
            return words.stopping
        case "stopped":
            return words.stopped
        case "failed":
            return underway or words.failed
        case _:
            return underway or (words.failed if record.failure else words.done)


def gone(record: Record, now: float, timing: Timing) -> bool:
    return record.phase == "delete" and _age(record.phase_since, now) >= timing.deleting(record.kind)


def is_active(record: Record, now: float, timing: Timing) -> bool:
    words = RESOURCES[record.kind].words
    return words is None or status(record, now, timing) == words.done


def is_running(record: Record, now: float, timing: Timing) -> bool:
    """Being created (or stopped): it counts against quotas of running jobs and blocks deletions."""
    words = RESOURCES[record.kind].words
    if words is None:
        return False
    return status(record, now, timing) in (words.pending, words.running, words.stopping)


def update_status(update: Mapping[str, Any], kind: str, now: float, timing: Timing) -> str:
    """The status of a change to an existing resource; the resource itself stays ACTIVE."""
    age = _age(float(update["since"]), now)
    whole = timing.deleting(kind)
    return _progress(age, whole, timing, _UPDATE.pending, _UPDATE.running) or _UPDATE.done


def _age(since: float, now: float) -> float:
    """Seconds. Processes may differ by as much as the machine's clock has been adjusted since they looked."""
    return max(now - since, 0.0)


def _progress(age: float, whole: float, timing: Timing, pending: str, running: str) -> str | None:
    """None: the time is over."""
    if age >= whole:
        return None
    return pending if age < timing.pending(whole) else running
