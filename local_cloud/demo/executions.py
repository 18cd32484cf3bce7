"""Starts the retraining workflows as their schedules would, and follows them to their end."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_QUIET = {"PassStateEntered", "ChoiceStateEntered", "SucceedStateEntered", "ParallelStateEntered"}
_LOOKS = "Describe "  # the states that only see whether a job is done
_SLOWER = (
    "; here a workflow's hours pass in seconds, but work takes as long as ever: `down`, then once more with "
    "a smaller --time-scale"
)
_INTERRUPTED = "whoever waited for it was interrupted, or has waited long enough"
Progress = Callable[[str], None]


class RunFailed(Exception):
    """A workflow did not start, did not end, or ended badly; the message carries its own words."""


@dataclass(frozen=True)
class Start:
    """The target and the input of one schedule, as they stand in the template."""

    schedule: str
    machine: str
    input: str

    @property
    def name(self) -> str:
        """Of the state machine."""
        return self.machine.rpartition(":")[2]


@dataclass(frozen=True)
class Run:
    """An execution that has succeeded; `output` is the workflow's own."""

    arn: str
    output: dict[str, Any]
    started: datetime
    ended: datetime
    history: tuple[dict[str, Any], ...]

    @property
    def use_case(self) -> str:
        return str(self.output["useCase"])


def scheduled_starts(scheduler: Any) -> list[Start]:
    """Every schedule that starts a retraining, by name: its workflow can be forced, others cannot."""
    found = []
    for page in scheduler.get_paginator("list_schedules").paginate():
        for entry in page["Schedules"]:
            schedule = scheduler.get_schedule(Name=entry["Name"], GroupName=entry["GroupName"])
            target = schedule["Target"]
            text = target.get("Input", "{}")
            if ":stateMachine:" in target["Arn"] and "force" in json.loads(text):
                found.append(Start(entry["Name"], target["Arn"], text))
    return sorted(found, key=lambda start: start.schedule)


def run_all(
    stepfunctions: Any,
    starts: Sequence[Start],
    progress: Progress,
    *,
    deadline: float = 900.0,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Run]:
    """Runs all at once and returns them in the order of `starts`; `deadline` in seconds for all together.

    None is left running: the others are waited for when one fails, and stopped when they are late or whoever
    waits is interrupted. Raises: RunFailed, for all that did or are late.
    """
    pending: dict[str, _Follower] = {}
    ended: dict[str, dict[str, Any]] = {}
    until = time.monotonic() + deadline
    try:
        for start in starts:
            pending[_start(stepfunctions, start)] = _Follower(start, progress)
        order = list(pending)
        while pending:
            for arn, follower in list(pending.items()):
                described = stepfunctions.describe_execution(executionArn=arn)
                follower.tell(history(stepfunctions, arn))
                if described["status"] != "RUNNING":
                    ended[arn] = described
                    del pending[arn]
            if pending and time.monotonic() > until:
                late = ", ".join(sorted(pending))
                raise RunFailed(f"still running after {deadline:.0f} s, and stopped: {late}")
            if pending:
                sleep(1.0)
    except BaseException:
        for arn in pending:
            # What has ended in the meantime needs no stopping.
            with suppress(BotoCoreError, ClientError):
                stepfunctions.stop_execution(executionArn=arn, error="Interrupted", cause=_INTERRUPTED)
        raise
    if failures := [
        _failure(described) for described in ended.values() if described["status"] != "SUCCEEDED"
    ]:
        raise RunFailed("\n".join(failures))
    return [_run(stepfunctions, ended[arn]) for arn in order]


def history(stepfunctions: Any, arn: str) -> tuple[dict[str, Any], ...]:
    """All events, without what the states took and gave."""
    paginator = stepfunctions.get_paginator("get_execution_history")
    pages = paginator.paginate(executionArn=arn, includeExecutionData=False)
    return tuple(event for page in pages for event in page["events"])


def _start(stepfunctions: Any, start: Start) -> str:
    answer = stepfunctions.start_execution(stateMachineArn=start.machine, input=start.input)
    return str(answer["executionArn"])


def _run(stepfunctions: Any, described: dict[str, Any]) -> Run:
    arn = described["executionArn"]
    output = json.loads(described["output"])
    return Run(arn, output, described["startDate"], described["stopDate"], history(stepfunctions, arn))


def _failure(described: dict[str, Any]) -> str:
    machine = described["stateMachineArn"].rpartition(":")[2]
    reason = ": ".join(filter(None, (described.get("error"), described.get("cause"))))
    remedy = _SLOWER if described.get("error", "").endswith("TookTooLong") else ""
    return f"{machine} ended as {described['status']}: {reason or 'no reason given'}{remedy}"


class _Follower:
    """Tells each step of an execution once, soon after it was first entered."""

    def __init__(self, start: Start, progress: Progress) -> None:
        self._name = start.name
        self._progress = progress
        self._told: set[str] = set()

    def tell(self, events: Sequence[dict[str, Any]]) -> None:
        for name in _entered(events):
            if name not in self._told:
                self._told.add(name)
                self._progress(f"{self._name}: {name}")


def _entered(events: Sequence[dict[str, Any]]) -> Iterator[str]:
    for event in events:
        if event["type"].endswith("StateEntered") and event["type"] not in _QUIET:
            name = event["stateEnteredEventDetails"]["name"]
            if not name.startswith(_LOOKS):
                yield name
