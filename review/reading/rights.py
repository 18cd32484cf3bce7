"""What a role allows: rights, one action on one resource each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from review.reading.templates import Template, flat, resources_of


@dataclass(frozen=True, order=True)
class Right:
    """One action on one resource; conditions as JSON text."""

    action: str
    resource: str
    conditions: str = ""


def rights_of(template: Template, role: str) -> set[Right]:
    """Everything that a role allows. Fails on managed and inline policies: rights stand in one place."""
    properties = template["Resources"][role]["Properties"]
    assert not properties.get("ManagedPolicyArns") and not properties.get("Policies"), role
    found = set()
    for policy in resources_of(template, "AWS::IAM::Policy").values():
        if {"Ref": role} in policy["Roles"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                found |= set(_rights(statement))
    return found


def _rights(statement: dict[str, Any]) -> Iterator[Right]:
    assert statement["Effect"] == "Allow"
    conditions = json.dumps(statement.get("Condition"), sort_keys=True) if "Condition" in statement else ""
    for action in _list(statement["Action"]):
        for resource in _list(statement["Resource"]):
            yield Right(action, flat(resource), conditions)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
