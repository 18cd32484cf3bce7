"""Stacks as they are: resources, events, change sets."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from local_cloud.cloudformation.resources.resource import Physical
from local_cloud.cloudformation.templates.parameters import Parameter
from local_cloud.cloudformation.templates.template import Template

STACK_TYPE = "AWS::CloudFormation::Stack"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True)
class StackResource:
    """A resource of a stack; `properties` are evaluated."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: frozenset[str]
    deletion_policy: str
    update_replace_policy: str
    physical: Physical | None = None
    status: str = "CREATE_IN_PROGRESS"
    reason: str | None = None
    changed: datetime = field(default_factory=now)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A create, an update, a deletion or a rollback of a stack, which its events belong to."""

    type: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


# By the status that a stack enters with it: a rollback is an operation of its own.
_OPERATIONS = {
    "CREATE_IN_PROGRESS": "CREATE_STACK",
    "UPDATE_IN_PROGRESS": "UPDATE_STACK",
    "IMPORT_IN_PROGRESS": "UPDATE_STACK",
    "IMPORT_ROLLBACK_IN_PROGRESS": "ROLLBACK",
    "DELETE_IN_PROGRESS": "DELETE_STACK",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK",
    "UPDATE_ROLLBACK_IN_PROGRESS": "ROLLBACK",
}


@dataclass(frozen=True, kw_only=True)
class StackEvent:
    logical_id: str
    physical_id: str | None
    type: str
    status: str
    reason: str | None
    token: str | None
    operation: Operation
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=now)


@dataclass(frozen=True, kw_only=True)
class Output:
    key: str
    value: str
    description: str | None
    export: str | None


@dataclass(frozen=True, kw_only=True)
class RollbackTriggers:
    """Alarms, by their ARNs, that roll a deployment back, also so many minutes after it."""

    arns: tuple[str, ...] = ()
    minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Desired:
    """What a create, an update or a change set asks for."""

    template: Template
    parameters: Mapping[str, Parameter]
    tags: tuple[tuple[str, str], ...] = ()
    capabilities: tuple[str, ...] = ()
    role_arn: str | None = None
    triggers: RollbackTriggers = RollbackTriggers()


@dataclass(kw_only=True)
class ChangeSet:
    """`identifiers`, by logical id, of the resources that one of the type IMPORT takes over."""

    id: str
    name: str
    desired: Desired
    changes: list[dict[str, Any]]
    status: str
    execution_status: str
    reason: str | None
    description: str | None = None
    identifiers: Mapping[str, Mapping[str, str]] | None = None
    created: datetime = field(default_factory=now)


@dataclass(kw_only=True)
class Stack:
    id: str
    name: str
    region: str
    account: str
    desired: Desired
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    resources: dict[str, StackResource] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    imports: frozenset[str] = frozenset()
    events: list[StackEvent] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    termination_protection: bool = False
    disable_rollback: bool = False
    created: datetime = field(default_factory=now)
    updated: datetime | None = None
    deleted: datetime | None = None
    token: str | None = None
    operation: Operation = field(default_factory=lambda: Operation(type="CREATE_CHANGESET"))
    lock: RLock = field(default_factory=RLock, repr=False)

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def enter(self, status: str, reason: str | None = None) -> None:
        self.status, self.reason = status, reason
        if status in _OPERATIONS:
            self.operation = Operation(type=_OPERATIONS[status])
        self._report(self.name, self.id, STACK_TYPE, status, reason)

    def report(self, resource: StackResource, status: str, reason: str | None = None) -> None:
        resource.status, resource.reason, resource.changed = status, reason, now()
        physical_id = resource.physical.id if resource.physical else None
        self._report(resource.logical_id, physical_id, resource.type, status, reason)

    def _report(self, logical: str, physical: str | None, kind: str, status: str, reason: str | None) -> None:
        event = StackEvent(
            logical_id=logical,
            physical_id=physical,
            type=kind,
            status=status,
            reason=reason,
            token=self.token,
            operation=self.operation,
        )
        self.events.append(event)
