"""What state machines send to the steps is what the steps read, and what they read of answers is answered.

`constructs` and `lambda_src` may not import one another: only these tests hold one against the other.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest

from config.use_cases import USE_CASES
from pipeline.comparison.request import Listed
from pipeline.extract.tracked import Tracked
from stacks.props import training_workflow
from tests.app.support.business.stages import STAGES
from tests.app.support.own_only import OWN_STAGE
from tests.app.support.side_by_side import BESIDE_STAGE
from tests.app.support.standby import with_standby
from tests.app.support.step_contracts import (
    PAYLOAD,
    Call,
    answer_of,
    calls_of,
    opaque_members,
    problems_of,
    renamed_fields,
    renamed_members,
    request_of,
)
from tests.app.support.template_reading import Machine, Template, linked, machines_of

STEPS = {
    "compare_datasets", "compare_variants", "extract_dataset", "judge_solution_version",
    "list_opt_outs", "load_recommendations", "notify", "plan_notifications", "publish_generation",
    "recommend_shard", "report_notifications", "train_model", "write_batch_input",
}  # fmt: skip
OPAQUE = {
    "compare_datasets": {"datasets"},  # the answers of extract_dataset, as they are
    "train_model": {"datasets"},  # the same
    "compare_variants": {"datasets"},  # the same
    "publish_generation": {"record"},  # goes into the record of the last good run, as it is
    "report_notifications": {"plan"},  # the answer of plan_notifications, as it is
}
MADE_BY_AN_EXPRESSION = {"compare_variants": len(fields(Listed))}
"""Members of objects that one expression makes; test_workflow_part.py evaluates it."""
TELL_ONLY = {"compare_variants", "notify", "report_notifications"}
Payloads = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def machines(templates: dict[str, Template], stacks: dict[str, Template]) -> list[tuple[Machine, list[Call]]]:
    found = []
    alone = [(stage, templates) for stage in (*STAGES, OWN_STAGE, BESIDE_STAGE)]
    for stage, all_templates in (*alone, (with_standby(), stacks)):
        for name in ("Training", "Notifications"):
            stack = f"{stage.id_in(stage.region)}-{name}"
            if stack in all_templates:
                template = linked(all_templates, stack)
                for machine in machines_of(template):
                    found.append((machine, list(calls_of(template, all_templates, machine))))
    return found


@pytest.fixture(scope="module")
def payloads(machines: list[tuple[Machine, list[Call]]]) -> Payloads:
    """Different ones, by the function's handler."""
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for _, calls in machines:
        for call in calls:
            found[call.handler][json.dumps(call.payload)] = call.payload
    return {handler: list(different.values()) for handler, different in found.items()}


def step_of(handler: str) -> str:
    return handler.removeprefix("steps.").removesuffix(".lambda_handler")


def test_every_step_is_called_by_a_state_machine(payloads: Payloads) -> None:
    assert {step_of(handler) for handler in payloads} == STEPS


def test_what_is_sent_to_a_step_is_what_it_reads(payloads: Payloads) -> None:
    found = {handler: problems_of(request_of(handler), sent) for handler, sent in payloads.items()}

    # Of an event tracker in a stage of several regions; the next test has one.
    assert found.pop("steps.extract_dataset.lambda_handler") == ["tracked.untold is read and never written"]
    assert found == {handler: [] for handler in found}


def test_with_an_event_tracker_and_several_regions_the_extraction_is_told_all_that_it_reads() -> None:
    [use_case] = [case for case in USE_CASES if case.tracking and case.tracking.event_tracker]

    told = training_workflow._tracked(use_case, several=True)

    assert told == {
        "eventTypes": [event.name for event in use_case.event_types],
        "days": use_case.tracking.trained_days if use_case.tracking else None,
        "untold": True,
    }
    assert len(told) == len(fields(Tracked))


def test_members_that_nobody_compares_are_known(payloads: Payloads) -> None:
    found = {step_of(handler): set(opaque_members(request_of(handler))) for handler in payloads}

    assert {step: members for step, members in found.items() if members} == OPAQUE


def test_each_member_renamed_in_the_definition_is_noticed(payloads: Payloads) -> None:
    renamed = 0
    for handler, sent in payloads.items():
        read = request_of(handler)
        for payload in sent:
            for wrong in renamed_members(read, payload):
                assert any(problem.endswith("X is not read") for problem in problems_of(read, [wrong])), wrong
                renamed += 1

    assert renamed > 300


def test_each_member_renamed_in_a_step_is_noticed(payloads: Payloads) -> None:
    for handler, sent in payloads.items():
        renamed = list(renamed_fields(request_of(handler), sent))
        assert len(renamed) >= 2
        unnoticed = [wrong for wrong in renamed if not problems_of(wrong, sent)]
        assert len(unnoticed) == MADE_BY_AN_EXPRESSION.get(step_of(handler), 0), handler


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for member in value.values():
                yield from texts(member)
        case list():
            for member in value:
                yield from texts(member)


def answers_in_variables(machine: Machine, calls: list[Call]) -> dict[str, str]:
    """Handlers by the variable that is assigned the whole answer, or a list of answers."""
    handlers = {call.state: call.handler for call in calls}
    found = {}
    for name, state, _ in machine.states():
        for variable, value in state.get("Assign", {}).items():
            if name in handlers and value == PAYLOAD:
                found[variable] = handlers[name]
            elif state["Type"] == "Parallel" and value == "{% $states.result %}":
                called = {branch["StartAt"] for branch in state["Branches"]} & handlers.keys()
                if called:
                    [found[variable]] = {handlers[one] for one in called}
    return found


def members_read(machine: Machine, calls: list[Call]) -> set[tuple[str, str]]:
    """(handler, member of its answer) of all expressions of the machine."""
    variables = answers_in_variables(machine, calls)
    found = set()
    for text in texts(machine.definition):
        for variable, member in re.findall(r"\$(\w+)(?:\[[^\]]*\])?\.(\w+)", text):
            found |= {(variables[variable], member)} if variable in variables else set()
        for variable, member in re.findall(r"\$(\w+)\[(\w+) =", text):
            found |= {(variables[variable], member)} if variable in variables else set()
    handlers = {call.state: call.handler for call in calls}
    for name, state, _ in machine.states():
        for text in texts(state) if name in handlers else ():
            members = re.findall(r"\$states\.result\.Payload\.(\w+)", text)
            found |= {(handlers[name], member) for member in members}
    return found


def test_what_state_machines_read_of_an_answer_is_answered(
    machines: list[tuple[Machine, list[Call]]],
) -> None:
    read = {one for machine, calls in machines for one in members_read(machine, calls)}

    assert [(handler, member) for handler, member in read if member not in answer_of(handler)] == []
    assert {step_of(handler) for handler, _ in read} == STEPS - TELL_ONLY


def test_a_map_hands_over_what_its_states_read(machines: list[tuple[Machine, list[Call]]]) -> None:
    """Executions of a distributed map see nothing else; a call's answer may be merged into it."""
    seen = 0
    for machine, calls in machines:
        handlers = {call.state: call.handler for call in calls}
        for name, state, _ in machine.states():
            if "ItemProcessor" not in state:
                continue
            inner = replace(machine, definition=state["ItemProcessor"])
            merged = {
                member
                for called, task, _ in inner.states()
                if "$merge([$states.input, $states.result.Payload])" in str(task.get("Output"))
                for member in answer_of(handlers[called])
            }
            read = {
                member
                for text in texts(state["ItemProcessor"])
                for member in re.findall(r"\$states\.input\.(\w+)", text)
            }
            assert read == set(state["ItemSelector"]) | merged, name
            seen += 1
    assert seen >= 5
