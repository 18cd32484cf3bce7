"""Removes what carries a run's id, and nothing else."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operations.estate.ending import Waiting, await_gone
from operations.estate.kinds import DELETABLE
from verification.ground.account import Cloud
from verification.ground.inventory import LISTINGS, Named, of_run
from verification.ground.names import carries, checked

_ATTEMPTS = 2


class NotOfTheRun(AssertionError):
    """Something was to be removed that does not carry the run's id."""


@dataclass(frozen=True)
class Cleaning:
    """run: whose things may be removed. pause: seconds between two looks. removed: what was, as it was."""

    cloud: Cloud
    run: str
    say: Callable[[str], None]
    pause: float
    patience: int = 400
    """looks at one thing until it is given up"""
    removed: list[str] = field(default_factory=list)

    def clean(self) -> None:
        """What cannot be removed stays, is said, and shows in the inventory. Raises: NoRunId."""
        checked(self.run)
        for part in (
            self._stop_executions,
            partial(self.personalize, "-probe"),
            self._stacks,
            partial(self.personalize, ""),
            self._rules,
            self._queues,
            self._log_groups,
        ):
            try:
                part()
            except (ClientError, BotoCoreError) as error:
                # What bills most may be in another part.
                self.say(f"  {error}")

    def personalize(self, part: str) -> None:
        """Resources of Personalize in whose name this stands besides the run's id."""
        waiting = Waiting(time.sleep, self.say, self.pause, self.patience)
        for kind in DELETABLE:
            taken = [
                found.handle
                for found in self._own("personalize", kind.listing)
                if part in found.name
                and self._remove("personalize", kind.deletion, found, **{kind.arn: found.handle})
            ]
            await_gone(self.cloud.client("personalize"), kind, taken, waiting)

    def _own(self, service: str, operation: str) -> list[Named]:
        [listing] = [one for one in LISTINGS if (one.service, one.operation) == (service, operation)]
        return of_run(self.cloud, listing, self.run)

    def _remove(self, service: str, operation: str, what: Named, **arguments: Any) -> bool:
        """Whether the service took it. The one place from which anything is removed."""
        name = what.name
        if not carries(name, self.run):
            raise NotOfTheRun(name)
        try:
            getattr(self.cloud.client(service), operation)(**arguments)
        except ClientError as error:
            self.say(f"  {operation} {name}: {error}")
            return False
        self.removed.append(f"{service} {operation.removeprefix('delete_')} {name}")
        return True

    def _stop_executions(self) -> None:
        machines = self.cloud.client("stepfunctions")
        for machine in self._own("stepfunctions", "list_state_machines"):
            arn = machine.handle
            running = machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
            for execution in running:
                machines.stop_execution(executionArn=execution["executionArn"], cause="verification ends")

    def _stacks(self) -> None:
        """The newest first: an older one may not be deleted while a newer one uses it."""
        for _ in range(_ATTEMPTS):
            for name in self._newest_first():
                if self._remove("cloudformation", "delete_stack", Named(name, name), StackName=name):
                    self.say(f"  stack {name}")
                    self._await_stack(name)
            if not list(self._newest_first()):
                return

    def _newest_first(self) -> Iterator[str]:
        pages = self.cloud.client("cloudformation").get_paginator("describe_stacks").paginate()
        stacks = [stack for page in pages for stack in page["Stacks"]]
        stacks.sort(key=lambda stack: stack["CreationTime"], reverse=True)
        for stack in stacks:
            if carries(stack["StackName"], self.run) and stack["StackStatus"] != "DELETE_COMPLETE":
                yield stack["StackName"]

    def _await_stack(self, name: str) -> None:
        for _ in range(self.patience):
            try:
                [stack] = self.cloud.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
            except ClientError:
                return
            if stack["StackStatus"] != "DELETE_IN_PROGRESS":
                self.say(f"  stack {name}: {stack['StackStatus']} {stack.get('StackStatusReason', '')}")
                return
            time.sleep(self.pause)

    def _rules(self) -> None:
        events = self.cloud.client("events")
        for rule in self._own("events", "list_rules"):
            targets = events.list_targets_by_rule(Rule=rule.handle)["Targets"]
            if targets:
                events.remove_targets(Rule=rule.handle, Ids=[target["Id"] for target in targets])
            self._remove("events", "delete_rule", rule, Name=rule.handle)

    def _queues(self) -> None:
        for queue in self._own("sqs", "list_queues"):
            self._remove("sqs", "delete_queue", queue, QueueUrl=queue.handle)

    def _log_groups(self) -> None:
        for group in self._own("logs", "describe_log_groups"):
            self._remove("logs", "delete_log_group", group, logGroupName=group.handle)
