"""State machines: their definitions, states and tasks."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from review.reading.templates import Template, flat, resources_of, unflat

Definition = dict[str, Any]
State = dict[str, Any]

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


def definition_of(definition_string: Any) -> Definition:
    """What a DefinitionString says; names of what is only known at deployment stand in it as <name>."""
    definition: Definition = json.loads(flat(definition_string))
    return definition


def definition_string(definition: Definition) -> Any:
    """The DefinitionString that says so, as the CDK writes it."""
    return unflat(json.dumps(definition, ensure_ascii=False, separators=(",", ":")))


@dataclass(frozen=True)
class Machine:
    """A state machine: its definition, and the logical id of its role."""

    name: str
    logical_id: str
    role: str
    definition: Definition

    @property
    def use_case(self) -> str:
        return self.name.split("-", 2)[2].replace("-", "_")

    def states(self) -> Iterator[tuple[str, State, dict[str, State]]]:
        """Name, state, and all states of the same scope; also those within branches and maps."""
        return states_of(self.definition["States"])

    def tasks(self, resource: str = "") -> Iterator[tuple[str, State]]:
        """By the end of the resource's ARN, for example `sns:publish`."""
        for name, state, _ in self.states():
            if state["Type"] == "Task" and state["Resource"].endswith(f":::{resource}" if resource else ""):
                yield name, state


def states_of(scope: dict[str, State]) -> Iterator[tuple[str, State, dict[str, State]]]:
    """As `Machine.states`."""
    for name, state in scope.items():
        yield name, state, scope
        for inner in (*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])):
            yield from states_of(inner["States"])


def machines_of(template: Template) -> list[Machine]:
    return [
        Machine(
            name=properties["StateMachineName"],
            logical_id=logical_id,
            role=properties["RoleArn"]["Fn::GetAtt"][0],
            definition=definition_of(properties["DefinitionString"]),
        )
        for logical_id, properties in resources_of(template, STATE_MACHINE).items()
    ]
