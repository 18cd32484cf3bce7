"""Takes resources that exist under a stack's wing: change sets of the type IMPORT."""

from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.cloudformation.plan import Plan
from local_cloud.cloudformation.registry import type_of
from local_cloud.cloudformation.single import SingleResource
from local_cloud.cloudformation.stacks.model import Desired, Stack, StackResource
from local_cloud.cloudformation.stacks.scope import StackScope
from local_cloud.cloudformation.stacks.store import StackStore
from local_cloud.cloudformation.tagging import properties_of
from local_cloud.cloudformation.templates.errors import ResourceFailed, ValidationError
from local_cloud.cloudformation.templates.intrinsics import evaluate
from local_cloud.ground.settings import Settings

# A property name of the type's identifier to its value, by logical id.
Identifiers = Mapping[str, Mapping[str, str]]


def identifiers_of(stack: Stack, desired: Desired, given: Iterable[Mapping[str, Any]]) -> Identifiers:
    """What a call's ResourcesToImport says, checked: nothing but an import may change.

    Raises: ValidationError, with all that is wrong.
    """
    wanted = {each["LogicalResourceId"]: each for each in given}
    problems = [problem for name, each in wanted.items() for problem in _problems(name, each, desired)]
    changed = _changed(stack, desired, wanted)
    if changed:
        problems.append(f"As part of the import operation, you cannot modify or add [{', '.join(changed)}]")
    if not wanted:
        problems.append("ResourcesToImport must name at least one resource")
    if problems:
        raise ValidationError("; ".join(problems))
    return {name: each["ResourceIdentifier"] for name, each in wanted.items()}


def _problems(name: str, given: Mapping[str, Any], desired: Desired) -> Iterable[str]:
    body = desired.template.section("Resources").get(name)
    if body is None:
        yield f"Resource {name} is to be imported and not in the template"
        return
    row = type_of(body["Type"])
    if given["ResourceType"] != body["Type"]:
        yield f"Resource {name} is {body['Type']} in the template, not {given['ResourceType']}"
    elif row.adopt is None:
        yield f"ResourceTypes [{body['Type']}] are not supported for Import here"
    elif set(given["ResourceIdentifier"]) != set(row.identifier):
        yield f"{name} of {body['Type']} is identified by {', '.join(row.identifier)}"
    if "DeletionPolicy" not in body:
        yield f"Resource {name} is to be imported and must have a DeletionPolicy in the template"


def _changed(stack: Stack, desired: Desired, wanted: Mapping[str, Any]) -> list[str]:
    new = stack.status == "REVIEW_IN_PROGRESS"
    before = {} if new else stack.desired.template.section("Resources")
    after = desired.template.section("Resources")
    outputs = {} if new else stack.desired.template.section("Outputs")
    return [
        *sorted(
            name
            for name in before.keys() | after.keys()
            if (name in wanted and name in before)
            or (name not in wanted and before.get(name) != after.get(name))
        ),
        *(["Outputs"] if outputs != desired.template.section("Outputs") else []),
    ]


def import_changes(plan: Plan, identifiers: Identifiers) -> list[dict[str, Any]]:
    """As DescribeChangeSet shows them."""
    return [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": "Import",
                "LogicalResourceId": declaration.logical_id,
                "PhysicalResourceId": ",".join(identifiers[declaration.logical_id].values()),
                "ResourceType": declaration.type,
                "Scope": [],
                "Details": [],
            },
        }
        for declaration in plan.declarations
        if declaration.logical_id in identifiers
    ]


class Adoption:
    """One import into one stack; the resources themselves are only looked at.

    Their properties may differ from the template's, as on AWS: only the next change makes them alike.
    """

    def __init__(self, settings: Settings, store: StackStore, stack: Stack) -> None:
        self._settings = settings
        self._store = store
        self._stack = stack
        self._single = SingleResource(settings, stack)

    def carry_out(self, desired: Desired, plan: Plan, identifiers: Identifiers) -> None:
        stack = self._stack
        before = dict(stack.resources)
        physicals = {name: each.physical for name, each in before.items() if each.physical}
        scope = StackScope(self._settings, self._store, stack, desired, physicals)
        for declaration in plan.declarations:
            name = declaration.logical_id
            if name not in identifiers:
                continue
            resource = StackResource(
                logical_id=name,
                type=declaration.type,
                properties={},
                depends_on=plan.dependencies[name],
                deletion_policy=declaration.deletion_policy,
                update_replace_policy=declaration.update_replace_policy,
            )
            stack.resources[name] = resource
            try:
                resource.properties = evaluate(declaration.properties, scope)
                physicals[name] = self._single.adopt(resource, identifiers[name])
                self._require_free(resource)
                self._single.tag(resource, properties_of(declaration, scope, stack, desired))
            except Exception as failure:  # whatever a type raises is that resource's failure
                self._single.failed(resource, "IMPORT", failure)
                reason = f"The following resource(s) failed to import: [{name}]."
                stack.enter("IMPORT_ROLLBACK_IN_PROGRESS", reason)
                stack.resources = before
                stack.enter("IMPORT_ROLLBACK_COMPLETE")
                return
        stack.desired = desired
        stack.imports |= scope.imports
        stack.enter("IMPORT_COMPLETE")

    def _require_free(self, resource: StackResource) -> None:
        assert resource.physical is not None
        for other in self._store.present():
            for owned in other.resources.values():
                same = owned.physical is not None and owned.physical.id == resource.physical.id
                if owned is not resource and same and owned.type == resource.type:
                    raise ResourceFailed(
                        f"{resource.physical.id} is already managed by stack {other.name}, "
                        f"as {owned.logical_id}"
                    )
