"""What CloudFormation knows of the stage, and whether a deployment has to come first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from config.derived.recognition import is_named_after
from operations.estate.kinds import EVENT_TRACKER
from operations.estate.listing import described
from operations.leaving.scope import Clients, Scope

_LET_GO = ("DELETE_COMPLETE", "DELETE_SKIPPED", "DELETE_FAILED")
"""CloudFormation was told to delete it, and does not try again by itself."""
_FAMILY = "AWS::Personalize::"


@dataclass(frozen=True)
class Held:
    """By a stack. id: what the service knows it by."""

    stack: str
    type: str
    id: str


@dataclass(frozen=True)
class Stacks:
    """changing: those that a deployment is at work on."""

    names: tuple[str, ...]
    held: tuple[Held, ...]
    changing: tuple[str, ...] = ()

    def has(self, identity: str) -> bool:
        return any(one.id == identity for one in self.held)


def stacks_of(clients: Clients, scope: Scope) -> Stacks:
    """By their names, or by the stage's tags."""
    cloudformation = clients("cloudformation")
    names, changing, held = list[str](), list[str](), list[Held]()
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])}
            name, status = stack["StackName"], stack["StackStatus"]
            if status == "DELETE_COMPLETE" or not (
                name.startswith(f"{scope.cdk_stage}-") or scope.confirmed(tags)
            ):
                continue
            names.append(name)
            if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
                changing.append(name)
            held += _held(cloudformation, name)
    return Stacks(tuple(names), tuple(held), tuple(changing))


def refusals(clients: Clients, scope: Scope, stacks: Stacks) -> Iterator[str]:
    """Why it is too early, each with what to do first."""
    if stacks.changing:
        yield f"{', '.join(stacks.changing)}: a deployment is at work; run this again once it is over"
    owners: dict[str, set[str]] = {}
    for one in stacks.held:
        if not one.type.startswith(_FAMILY):
            continue
        name = _name_of(clients, one)
        if scope.whole_stage or any(
            is_named_after(name, scope.names.group(use_case)) for use_case in scope.use_cases
        ):
            owners.setdefault(one.stack, set()).add(f"{one.type.removeprefix(_FAMILY)} {name}")
    for stack, resources in sorted(owners.items()):
        yield (
            f"stack {stack} still has {len(resources):,} resources of Amazon Personalize "
            f"({', '.join(sorted(resources)[:3])}{', ...' if len(resources) > 3 else ''}): first take the "
            f"variant `personalize` out of their use cases and deploy, `cdk deploy "
            f"'{scope.cdk_stage}/*'`; docs/leaving-personalize.md has the order"
            + (", or name the use cases that are done by --use-case" if scope.whole_stage else "")
        )
    yield from _runs(clients, scope)


def _name_of(clients: Clients, one: Held) -> str:
    """A dataset's ARN has its group's name, and an event tracker's no name at all."""
    parts = one.id.split(":")[-1].split("/")
    if parts[0] == "event-tracker":
        tracker = described(clients("personalize"), EVENT_TRACKER, one.id)
        return str(tracker["name"]) if tracker else one.id
    return parts[1] if len(parts) > 1 else one.id


def _runs(clients: Clients, scope: Scope) -> Iterator[str]:
    """A run that began before the deployment goes on with its old definition, and makes jobs."""
    machines = clients("stepfunctions")
    for page in machines.get_paginator("list_state_machines").paginate():
        for machine in page["stateMachines"]:
            name, arn = machine["name"], machine["stateMachineArn"]
            if not scope.holds(scope.names.of_group(name)):
                continue
            running = machines.list_executions(stateMachineArn=arn, statusFilter="RUNNING")
            for run in (execution["executionArn"] for execution in running["executions"]):
                told = machines.describe_state_machine_for_execution(executionArn=run)
                if ":personalize:" in told["definition"]:
                    yield (
                        f"{run} is a run with Amazon Personalize that has not ended: wait for it, or "
                        f"`aws stepfunctions stop-execution --execution-arn {run}`"
                    )


def _held(cloudformation: Any, stack: str) -> Iterator[Held]:
    try:
        for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
            for one in page["StackResourceSummaries"]:
                if one["ResourceStatus"] not in _LET_GO and one.get("PhysicalResourceId"):
                    yield Held(stack, one["ResourceType"], one["PhysicalResourceId"])
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
