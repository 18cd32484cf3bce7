"""Reads templates as tests want them: stacks by name, values as text, machines as states, roles as rights."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.schema import StageConfig
from config.stages import STAGES

Template = dict[str, Any]


def stacks_of(stage: StageConfig) -> Iterator[str]:
    for name in ("Data", "Training", "Tracking", "Serving", "Observability"):
        yield f"{stage.id_in(stage.region)}-{name}"
    if stage.notifications:
        yield f"{stage.id_in(stage.region)}-Notifications"
    for region in stage.replica_regions:
        yield f"{stage.id_in(region)}-Serving"
        yield f"{stage.id_in(region)}-Observability"


STACKS = [stack for stage in STAGES for stack in stacks_of(stage)]


def flat(value: Any) -> str:
    """A template's value as text; what is only known at deployment as <its name>."""
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return f"<{name}>"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"<{name}.{attribute}>"
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(flat(part) for part in parts)
        case _:
            raise AssertionError(f"a value of unknown shape: {value!r}")


def linked(templates: dict[str, Template], stack: str) -> Template:
    """A stack's template with the values that it imports in place of their names."""
    exports = {
        output["Export"]["Name"]: output["Value"]
        for template in templates.values()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }

    def link(value: Any) -> Any:
        match value:
            case {"Fn::ImportValue": str(name)}:
                return exports[name]
            case dict():
                return {key: link(member) for key, member in value.items()}
            case list():
                return [link(member) for member in value]
            case _:
                return value

    linked_template: Template = link(templates[stack])
    return linked_template


def training_of(templates: dict[str, Template], stage: StageConfig) -> Template:
    return linked(templates, f"{stage.id_in(stage.region)}-Training")


def resources_of(template: Template, type_: str) -> dict[str, Any]:
    """Properties by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == type_
    }


@dataclass(frozen=True)
class Machine:
    """A state machine: its definition, and the logical id of its role."""

    name: str
    logical_id: str
    role: str
    definition: dict[str, Any]

    @property
    def use_case(self) -> str:
        return self.name.split("-", 2)[2].replace("-", "_")

    def states(self) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
        """Name, state, and all states of the same scope; also those within branches and maps."""
        return _states(self.definition["States"])

    def tasks(self, resource: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """By the end of the resource's ARN, for example `sns:publish`."""
        for name, state, _ in self.states():
            if state["Type"] == "Task" and state["Resource"].endswith(f":::{resource}" if resource else ""):
                yield name, state


def _states(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    for name, state in states.items():
        yield name, state, states
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield from _states(inner["States"])


def machines_of(template: Template) -> list[Machine]:
    return [
        Machine(
            name=properties["StateMachineName"],
            logical_id=logical_id,
            role=properties["RoleArn"]["Fn::GetAtt"][0],
            definition=json.loads(flat(properties["DefinitionString"])),
        )
        for logical_id, properties in resources_of(template, "AWS::StepFunctions::StateMachine").items()
    ]


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
