"""A switch that is under way: begun in the region that becomes active, and followed until it ends."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config.derived.switching import SWITCH_STEPS, switch_name
from pipeline.errors import SwitchFailed


@dataclass(frozen=True, kw_only=True)
class Ended:
    """switch: as the last step left it. reason: why it failed; empty if it did not. step: title of the one
    that failed.
    """

    execution: str
    switch: Mapping[str, Any]
    reason: str = ""
    step: str = ""

    @property
    def advice(self) -> str:
        return next((one.stuck for one in SWITCH_STEPS if one.title == self.step), "")


@dataclass(frozen=True)
class Follower:
    """client: of Step Functions, in the region that becomes active. say: is told of each step, and of what is
    waited for.
    """

    client: Any
    machine: str
    say: Callable[[str], None]
    sleep: Callable[[float], None]
    pause: float = 1.0

    def begin(self, request: Mapping[str, Any]) -> str:
        """The ARN of the execution. Raises: SwitchFailed, if the region has no such state machine."""
        try:
            begun = self.client.start_execution(stateMachineArn=self.machine, input=json.dumps(request))
        except ClientError as error:
            if error.response["Error"]["Code"] == "StateMachineDoesNotExist":
                raise SwitchFailed(f"{self.machine} does not exist: deploy the stack Switching") from error
            raise
        return str(begun["executionArn"])

    def under_way(self) -> str | None:
        """The ARN of an execution that nobody needs to begin; None also if the region does not say."""
        try:
            running = self.client.list_executions(stateMachineArn=self.machine, statusFilter="RUNNING")
        except (ClientError, BotoCoreError):
            return None
        for execution in running["executions"]:
            self.say(f"a switch is under way already, and followed: {execution['executionArn']}")
            return str(execution["executionArn"])
        return None

    def follow(self, execution: str) -> Ended:
        told, waiting = 0, ""
        while True:
            described = self.client.describe_execution(executionArn=execution)
            switch, entered, failure = self._latest(execution)
            steps = switch.get("steps", [])
            for step in steps[told:]:
                self.say(f"{_seconds(step):>8.1f} s  {step['title']}: {step['words']}")
            told = len(steps)
            if (now := switch.get("waiting", "")) and now != waiting:
                self.say(f"            waiting: {now}")
            waiting = now
            if described["status"] != "RUNNING":
                break
            self.sleep(self.pause)
        if described["status"] == "SUCCEEDED":
            return Ended(execution=execution, switch=switch)
        reason = reason_of(described.get("cause") or failure) or described["status"]
        return Ended(execution=execution, switch=switch, reason=reason, step=entered)

    def _latest(self, execution: str) -> tuple[Mapping[str, Any], str, str]:
        """The switch as the newest answer has it, the state that was entered last, and a cause of failure."""
        switch: Mapping[str, Any] | None = None
        entered, failure = "", ""
        titles = {step.title for step in SWITCH_STEPS}
        for event in self._newest_first(execution):
            details: Mapping[str, Any] = next(
                (value for key, value in event.items() if key.endswith("EventDetails")), {}
            )
            if not entered and event["type"].endswith("StateEntered") and details["name"] in titles:
                entered = details["name"]
            if not failure and event["type"].endswith("Failed"):
                failure = details.get("cause", "")
            if switch is None and event["type"] in ("TaskSucceeded", "LambdaFunctionSucceeded"):
                switch = _switch_in(details.get("output"))
            if switch is not None and entered:
                break
        return switch or {}, entered, failure

    def _newest_first(self, execution: str) -> Any:
        for page in self.client.get_paginator("get_execution_history").paginate(
            executionArn=execution, reverseOrder=True
        ):
            yield from page["events"]


def machine_arn(stage: str, region: str, account: str) -> str:
    return f"arn:aws:states:{region}:{account}:stateMachine:{switch_name(stage)}"


def reason_of(cause: str) -> str:
    """The message in the cause of a function's failure, which is JSON."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, TypeError, KeyError):
        return cause


def _switch_in(output: str | None) -> Mapping[str, Any] | None:
    try:
        found = json.loads(output or "null")
    except ValueError:
        return None
    found = found.get("Payload", found) if isinstance(found, dict) else None
    switch = found.get("switch") if isinstance(found, dict) else None
    return switch if isinstance(switch, dict) else None


def _seconds(step: Mapping[str, str]) -> float:
    began, ended = (datetime.fromisoformat(step[name]) for name in ("began", "ended"))
    return (ended - began).total_seconds()
