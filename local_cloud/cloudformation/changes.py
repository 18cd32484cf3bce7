"""What an update would change: for change sets, and to tell an update from none."""

from collections.abc import Mapping
from typing import Any

from local_cloud.cloudformation.plan import Plan
from local_cloud.cloudformation.registry import type_of
from local_cloud.cloudformation.resources.resource import Physical
from local_cloud.cloudformation.stacks.model import Desired, Stack, StackResource
from local_cloud.cloudformation.stacks.scope import StackScope
from local_cloud.cloudformation.tagging import properties_of
from local_cloud.cloudformation.templates.template import Declaration


class Unknown(dict[str, Any]):
    """Attributes of a resource that does not exist yet."""

    def __contains__(self, _name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return f"{{{{changeSet:KNOWN_AFTER_APPLY:{name}}}}}"


def differs(stack: Stack, desired: Desired) -> bool:
    """Whether CloudFormation would find anything to do."""
    current = stack.desired
    sections = ("Resources", "Outputs", "Conditions", "Mappings", "Rules")
    return (
        any(current.template.section(name) != desired.template.section(name) for name in sections)
        or current.template.section("Parameters") != desired.template.section("Parameters")
        or {name: value.value for name, value in current.parameters.items()}
        != {name: value.value for name, value in desired.parameters.items()}
        or current.tags != desired.tags
        or stack.status == "UPDATE_FAILED"
        or any(not resource.physical for resource in stack.resources.values())
    )


def resource_changes(
    stack: Stack, desired: Desired, plan: Plan, scope: StackScope, known: dict[str, Physical]
) -> list[dict[str, Any]]:
    """Changes as DescribeChangeSet shows them; fills `known`, by which `scope` resolves names."""
    changes = []
    for declaration in plan.declarations:
        name = declaration.logical_id
        existing = stack.resources.get(name)
        if existing is None or existing.physical is None:
            known[name] = Physical(f"{{{{changeSet:KNOWN_AFTER_APPLY:{name}}}}}", Unknown())
            changes.append(_change("Add", declaration.type, name))
            continue
        properties = properties_of(declaration, scope, stack, desired)
        known[name] = existing.physical
        if properties == existing.properties:
            continue
        replaced = type_of(declaration.type).replaces(existing.properties, properties)
        if replaced:
            known[name] = Physical(f"{{{{changeSet:KNOWN_AFTER_APPLY:{name}}}}}", Unknown())
        changes.append(_modification(declaration, existing, properties, replaced))
    wanted = {declaration.logical_id for declaration in plan.declarations}
    changes += [
        _change("Remove", resource.type, name, resource.physical)
        for name, resource in stack.resources.items()
        if name not in wanted and resource.physical
    ]
    return changes


def _change(action: str, kind: str, name: str, physical: Physical | None = None) -> dict[str, Any]:
    change: dict[str, Any] = {
        "Action": action,
        "LogicalResourceId": name,
        "ResourceType": kind,
        "Scope": [],
        "Details": [],
    }
    if physical:
        change["PhysicalResourceId"] = physical.id
    return {"Type": "Resource", "ResourceChange": change}


def _modification(
    declaration: Declaration, existing: StackResource, properties: Mapping[str, Any], replaced: bool
) -> dict[str, Any]:
    change = _change("Modify", declaration.type, declaration.logical_id, existing.physical)
    row = type_of(declaration.type)
    names = sorted(properties.keys() | existing.properties.keys())
    changed = [name for name in names if properties.get(name) != existing.properties.get(name)]
    change["ResourceChange"] |= {
        "Replacement": "True" if replaced else "False",
        "Scope": ["Properties"],
        "Details": [
            {
                "Target": {
                    "Attribute": "Properties",
                    "Name": name,
                    "RequiresRecreation": "Always"
                    if row.update is None or name in row.replacing
                    else "Never",
                },
                "Evaluation": "Static",
                "ChangeSource": "DirectModification",
            }
            for name in changed
        ],
    }
    return change
