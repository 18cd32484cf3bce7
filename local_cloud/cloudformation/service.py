"""The operations on stacks: checked at once, carried out in the background."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.cloudformation.adoption import Adoption, Identifiers, import_changes
from local_cloud.cloudformation.changes import differs, resource_changes
from local_cloud.cloudformation.deployment import Deployment
from local_cloud.cloudformation.plan import Plan, make_plan
from local_cloud.cloudformation.resources.resource import Physical
from local_cloud.cloudformation.stacks.model import ChangeSet, Desired, RollbackTriggers, Stack
from local_cloud.cloudformation.stacks.scope import read_parameter
from local_cloud.cloudformation.stacks.store import StackStore
from local_cloud.cloudformation.templates.errors import AlreadyExists, ValidationError
from local_cloud.cloudformation.templates.parameters import resolve
from local_cloud.cloudformation.templates.template import Template, parse
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

# Most stacks are done before their caller would ask for the first time, five seconds later.
ANSWER_SECONDS = 25.0
NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


@dataclass
class CloudFormation:
    settings: Settings
    _stores: dict[str, StackStore] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def store(self, region: str) -> StackStore:
        with self._lock:
            return self._stores.setdefault(region, StackStore())

    def desired(self, region: str, call: dict[str, Any], previous: Stack | None) -> Desired:
        template = self.template(region, call, previous)
        before = previous.desired if previous else None

        def read(name: str) -> str:
            try:
                return read_parameter(self.settings, region, name)
            except ClientError as problem:
                error = problem.response["Error"]
                raise ValidationError(
                    f"Unable to fetch parameter {name} from parameter store: {error['Code']}"
                ) from None

        tags = tuple(sorted((tag["Key"], tag["Value"]) for tag in call.get("Tags") or []))
        return Desired(
            template=template,
            parameters=resolve(
                template, call.get("Parameters") or [], before.parameters if before else {}, read
            ),
            tags=before.tags if before and call.get("Tags") is None else tags,
            capabilities=tuple(call.get("Capabilities") or ()),
            role_arn=call.get("RoleARN"),
            triggers=_triggers(call.get("RollbackConfiguration"), before),
        )

    def template(self, region: str, call: dict[str, Any], previous: Stack | None = None) -> Template:
        """As the call gives it or names it; `previous` if it asks for that.

        Raises: ValidationError, if it does neither.
        """
        if call.get("TemplateBody"):
            return parse(call["TemplateBody"])
        if call.get("TemplateURL"):
            return parse(self._download(region, call["TemplateURL"]))
        if call.get("UsePreviousTemplate") and previous:
            return previous.desired.template
        raise ValidationError("Either Template URL or Template Body must be specified.")

    def new_stack(self, region: str, account: str, name: str, desired: Desired) -> Stack:
        """A stack's record, before any resource is made. Raises: AlreadyExists, if the name is taken."""
        existing = self.store(region).find(name)
        if existing:
            raise AlreadyExists(f"Stack [{name}] already exists")
        arn = f"arn:aws:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
        return Stack(id=arn, name=name, region=region, account=account, desired=desired)

    def create(self, stack: Stack, desired: Desired) -> None:
        deployment, plan = self._prepare(stack, desired)
        self.store(stack.region).add(stack)
        self._start(stack, "CREATE_IN_PROGRESS", lambda: deployment.create(desired, plan))

    def update(self, stack: Stack, desired: Desired) -> None:
        """Begins to make the stack what is desired.

        Raises: ValidationError, if it is that already or cannot be updated.
        """
        if stack.busy or not (
            stack.status.endswith("_COMPLETE") or stack.status in ("CREATE_FAILED", "UPDATE_FAILED")
        ):
            raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        if stack.status in ("ROLLBACK_COMPLETE", "DELETE_COMPLETE"):
            raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        if not differs(stack, desired):
            raise ValidationError("No updates are to be performed.")
        deployment, plan = self._prepare(stack, desired)
        self._start(stack, "UPDATE_IN_PROGRESS", lambda: deployment.update(desired, plan))

    def delete(self, stack: Stack, retained: list[str]) -> None:
        """Begins to delete all but the retained resources.

        Raises: ValidationError, if the stack is protected.
        """
        if stack.status == "DELETE_COMPLETE":
            return
        if stack.termination_protection:
            raise ValidationError(
                f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            )
        deployment = Deployment(self.settings, self.store(stack.region), stack)
        self._start(stack, "DELETE_IN_PROGRESS", lambda: deployment.delete(retained))

    def change_set(
        self,
        stack: Stack,
        name: str,
        desired: Desired,
        description: str | None,
        identifiers: Identifiers | None = None,
    ) -> ChangeSet:
        """What would change, to be executed later; with identifiers, what would be imported.

        Raises: AlreadyExists, if the name is taken.
        """
        deployment, plan = self._prepare(stack, desired)
        known: dict[str, Physical] = {}
        if identifiers is None:
            changes = resource_changes(stack, desired, plan, deployment.scope(desired, known), known)
        else:
            changes = import_changes(plan, identifiers)
        empty = not changes and not differs(stack, desired)
        change_set = ChangeSet(
            id=f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{name}/{uuid.uuid4()}",
            name=name,
            desired=desired,
            changes=changes,
            status="FAILED" if empty else "CREATE_COMPLETE",
            execution_status="UNAVAILABLE" if empty else "AVAILABLE",
            reason=NO_CHANGES if empty else None,
            description=description,
            identifiers=identifiers,
        )
        if name in stack.change_sets:
            raise AlreadyExists(f"ChangeSet {name} already exists")
        stack.change_sets[name] = change_set
        self.store(stack.region).add(stack)
        return change_set

    def execute(self, stack: Stack, change_set: ChangeSet) -> None:
        """Begins to make the changes. Raises: ValidationError, if they cannot be made any more."""
        if change_set.execution_status != "AVAILABLE":
            raise ValidationError(f"ChangeSet [{change_set.id}] cannot be executed in its current status")
        deployment, plan = self._prepare(stack, change_set.desired)
        stack.change_sets.clear()
        identifiers = change_set.identifiers
        if identifiers is not None:
            adoption = Adoption(self.settings, self.store(stack.region), stack)
            self._start(
                stack,
                "IMPORT_IN_PROGRESS",
                lambda: adoption.carry_out(change_set.desired, plan, identifiers),
            )
            return
        creating = stack.status == "REVIEW_IN_PROGRESS"
        carry_out = deployment.create if creating else deployment.update
        status = "CREATE_IN_PROGRESS" if creating else "UPDATE_IN_PROGRESS"
        self._start(stack, status, lambda: carry_out(change_set.desired, plan))

    def _prepare(self, stack: Stack, desired: Desired) -> tuple[Deployment, Plan]:
        deployment = Deployment(self.settings, self.store(stack.region), stack)
        return deployment, make_plan(desired, deployment.scope(desired, {}))

    def _start(self, stack: Stack, status: str, carry_out: Callable[[], None]) -> None:
        with stack.lock:
            if stack.busy:
                raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be changed.")
            stack.enter(status, "User Initiated")
            if status == "UPDATE_IN_PROGRESS":
                stack.updated = stack.events[-1].time
        thread = Thread(target=carry_out, name=f"stack {stack.name}", daemon=True)
        thread.start()
        thread.join(ANSWER_SECONDS)

    def _download(self, region: str, url: str) -> str:
        bucket, _, key = url.split("?")[0].partition("://")[2].partition("/")[2].partition("/")
        if ".s3." in url.split("/")[2]:
            bucket, key = url.split("/")[2].split(".")[0], url.split("/", 3)[3]
        try:
            answer = client(self.settings, "s3", region).get_object(Bucket=bucket, Key=key)
        except ClientError as problem:
            raise ValidationError(f"S3 error: {problem}") from None
        text: str = answer["Body"].read().decode()
        return text


def _triggers(given: Mapping[str, Any] | None, before: Desired | None) -> RollbackTriggers:
    """They stay until others, or none, are asked for."""
    if given is None:
        return before.triggers if before else RollbackTriggers()
    arns = tuple(str(one["Arn"]) for one in given.get("RollbackTriggers") or ())
    return RollbackTriggers(arns=arns, minutes=int(given.get("MonitoringTimeInMinutes") or 0))
