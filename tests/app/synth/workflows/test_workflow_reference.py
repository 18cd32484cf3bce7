"""Workflows beside what others say: the service models, the reference JSONata, the rules for definitions."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from local_cloud.interpreter.queries.evaluation import EvaluationError, evaluate
from local_cloud.interpreter.tasks.integrations import Integration, integration_of
from local_cloud.interpreter.validation.definition import check
from local_cloud.interpreter.validation.resources import arguments_of
from tests.app.support.expression_inputs import expressions_in, inputs_for, read_by, without_chance
from tests.app.support.template_reading import Machine, Template, machines_of
from tests.support.reference_jsonata import answers

INPUTS = 8


def deployed(definition: dict[str, Any]) -> dict[str, Any]:
    """With something in place of what is only known at deployment."""
    text = json.dumps(definition).replace("<AWS::Partition>", "aws")
    known = re.sub(
        r'"Resource": "<[^>]+>', '"Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f', text
    )
    result: dict[str, Any] = json.loads(known)
    return result


@pytest.fixture(scope="module")
def all_machines(templates: dict[str, Template]) -> list[Machine]:
    """Of every stack of every stage, whatever they are for."""
    found = [machine for template in templates.values() for machine in machines_of(template)]
    different = {json.dumps(machine.definition, sort_keys=True): machine for machine in found}
    return [replace(machine, definition=deployed(machine.definition)) for machine in different.values()]


def test_every_definition_is_one_that_step_functions_takes(all_machines: list[Machine]) -> None:
    problems = [
        f"{machine.name}: {problem}"
        for machine in all_machines
        for problem in check(json.dumps(machine.definition))
    ]
    assert not problems


def ours(expression: str, variables: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"value": evaluate(expression, variables)}
    except EvaluationError as error:
        return {"undefined": True} if "(undefined)" in str(error) else {"error": error.code}


def test_expressions_have_the_values_of_the_reference_implementation(all_machines: list[Machine]) -> None:
    """On inputs made of what each of them reads."""
    texts = {
        without_chance(text) for machine in all_machines for text, _ in expressions_in(machine.definition)
    }
    questions = [(text, values) for text in sorted(texts) for values in inputs_for(text, INPUTS)]
    reference = answers(questions)
    different = [
        (text, values, own, theirs)
        for (text, values), theirs in zip(questions, reference, strict=True)
        if (own := ours(text, values)) != theirs and not str(theirs.get("error")).startswith("TypeError")
    ]
    assert len(texts) > 100
    assert sum("value" in answer for answer in reference) > len(questions) / 3
    assert not different, different[0]


def sdk_calls(machine: Machine) -> Iterator[tuple[str, dict[str, Any], Integration]]:
    for name, state in machine.tasks():
        if ":::" in state["Resource"]:
            integration = integration_of(state["Resource"])
            assert integration is not None
            yield name, state, integration


def findings(name: str, state: dict[str, Any], integration: Integration) -> Iterator[str]:
    """What the model of the service knows nothing of, or misses."""
    arguments = state.get("Arguments", {})
    for problem in arguments_of(integration, arguments, f"{name}/Arguments"):
        yield str(problem)
    yield from missing(arguments, integration.model.input_shape, f"{name}/Arguments")
    for field in ("Output", "Assign"):
        for expression, place in expressions_in(state.get(field), f"{name}/{field}"):
            read = read_by(expression).get("states", {}).get("result", {})
            yield from unanswered(read, integration.model.output_shape, place)


def missing(value: Any, shape: Any, place: str) -> Iterator[str]:
    match shape.type_name:
        case "structure" if isinstance(value, dict):
            given = {name.lower(): member for name, member in value.items()}
            for name, member in shape.members.items():
                if name.lower() in given:
                    yield from missing(given[name.lower()], member, f"{place}/{name}")
                elif name in shape.required_members:
                    yield f"{place} lacks {name}"
        case "list" if isinstance(value, list):
            for index, member in enumerate(value):
                yield from missing(member, shape.member, f"{place}[{index}]")


def unanswered(read: dict[str, Any], shape: Any, place: str) -> Iterator[str]:
    """`read`: members, and theirs, of a result in Pascal case."""
    match getattr(shape, "type_name", None):
        case "structure":
            members = {name[0].upper() + name[1:]: member for name, member in shape.members.items()}
            for name, inner in read.items():
                if name in members:
                    yield from unanswered(inner, members[name], f"{place}: {name}")
                else:
                    yield f"{place}: {shape.name} has no {name}"
        case "list":
            yield from unanswered(read, shape.member, place)
        case "map":
            for inner in read.values():
                yield from unanswered(inner, shape.value, place)
        case _ if read and shape is not None and shape.type_name not in ("blob", "string"):
            yield f"{place}: {shape.name} has no members"


def test_calls_are_those_of_the_service_models(all_machines: list[Machine]) -> None:
    calls = [call for machine in all_machines for call in sdk_calls(machine)]
    assert len({integration.action for _, _, integration in calls}) > 10
    assert not [finding for call in calls for finding in findings(*call)]


def test_each_argument_renamed_or_left_out_that_must_be_there_is_noticed(all_machines: list[Machine]) -> None:
    unnoticed = []
    for name, state, integration in sdk_calls(all_machines[0]):
        required = {member.lower() for member in integration.model.input_shape.required_members}
        for argument in state.get("Arguments", {}):
            renamed = copy.deepcopy(state)
            renamed["Arguments"][f"{argument}Z"] = renamed["Arguments"].pop(argument)
            without = copy.deepcopy(state)
            del without["Arguments"][argument]
            if not any(findings(name, renamed, integration)) or (
                argument.lower() in required and not any(findings(name, without, integration))
            ):
                unnoticed.append((name, argument))
    assert not unnoticed
