"""What Personalize refuses: repeated while it may pass, told at once when it cannot."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.session import get_session

from tests.app.support.template_reading import Machine
from tests.app.support.workflow_jsonata import evaluate

GENERAL = "Personalize.PersonalizeException"
IN_USE = "ResourceInUseException"
ROLE = "arn:aws:sts::123456789012:assumed-role/recs-dev-posts/x"
DETAILS = "(Service: Personalize, Status Code: 400, Request ID: 2f0a)"


def calls(machine: Machine) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, state, and the states beside it, of each call of Personalize."""
    for name, state, scope in machine.states():
        if ":aws-sdk:personalize:" in state.get("Resource", ""):
            yield name, state, scope


@pytest.fixture(scope="module")
def one(machines: list[Machine]) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The calls of a machine that has them all, also those of a campaign."""
    return max((list(calls(machine)) for machine in machines), key=len)


def decided(call: dict[str, Any], scope: dict[str, Any], cause: str, *, before: int = 0) -> tuple[str, Any]:
    """Which state follows when the call is refused after so many refusals, and what that one is told."""
    [refused] = [catch for catch in call["Catch"] if catch["ErrorEquals"] == [GENERAL]]
    choice = scope[refused["Next"]]
    given = {
        "input": {"refusals": before} if before else {},
        "errorOutput": {"Error": GENERAL, "Cause": cause},
    }
    states = {"input": {name: evaluate(text, given) for name, text in refused["Output"].items()}}
    [rule] = choice["Choices"]
    if evaluate(rule["Condition"], states):
        return rule["Next"], evaluate(rule["Output"], states)
    return choice["Default"], {
        name.removeprefix("failed").removeprefix("branch"): evaluate(text, states) if "{%" in text else text
        for name, text in choice["Assign"].items()
    }


LASTING = (
    f"User: {ROLE} is not authorized to perform: personalize:DescribeSolution on resource: arn {DETAILS}",
    f"User: {ROLE} is not authorized to perform: iam:PassRole with an explicit deny {DETAILS}",
    f"1 validation error detected: Value 'x y' at 'name' failed to satisfy constraint: pattern {DETAILS}",
)


@pytest.mark.parametrize("cause", LASTING)
def test_a_missing_right_and_a_bad_request_fail_at_once_with_their_words(
    one: list[tuple[str, dict[str, Any], dict[str, Any]]], cause: str
) -> None:
    for name, call, scope in one:
        assert decided(call, scope, cause)[1] == {"Step": name, "Error": GENERAL, "Cause": cause}


@pytest.mark.parametrize(
    "cause", [f"Rate exceeded {DETAILS}", f"{DETAILS.replace('400', '503')}", "something new", ""]
)
def test_what_may_pass_is_tried_twenty_times_more_after_a_pause(
    one: list[tuple[str, dict[str, Any], dict[str, Any]]], cause: str
) -> None:
    for name, call, scope in one:
        for before, longest in ((0, 10), (3, 60), (19, 60)):
            pause, given = decided(call, scope, cause, before=before)
            assert scope[pause]["Next"] == name
            assert 1 <= evaluate(scope[pause]["Seconds"], {"input": given}) <= longest
        told = decided(call, scope, cause, before=20)[1]
        assert told == {"Step": name, "Error": GENERAL, "Cause": cause}


def test_no_retrier_repeats_an_error_without_a_name_of_its_own(machines: list[Machine]) -> None:
    for machine in machines:
        for name, call, _ in calls(machine):
            retried = {error for retrier in call["Retry"] for error in retrier["ErrorEquals"]}
            assert not retried & {GENERAL, "States.TaskFailed", "States.ALL"}, name


def test_calls_that_find_no_concurrency_are_repeated_for_a_quarter_of_an_hour(
    machines: list[Machine],
) -> None:
    """With full jitter, half of each pause on average."""
    for machine in machines:
        for name, call in machine.tasks("lambda:invoke"):
            [retrier] = [
                each for each in call["Retry"] if "Lambda.TooManyRequestsException" in each["ErrorEquals"]
            ]
            pauses = [
                min(retrier["MaxDelaySeconds"], retrier["IntervalSeconds"] * 2**number)
                for number in range(retrier["MaxAttempts"])
            ]
            assert sum(pauses) / 2 >= 900, name


def test_what_is_in_use_is_waited_for_wherever_the_service_may_say_so(machines: list[Machine]) -> None:
    model = get_session().get_service_model("personalize")
    for machine in machines:
        for name, call, _ in calls(machine):
            action = call["Resource"].rpartition(":")[2]
            declared = model.operation_model(action[0].upper() + action[1:]).error_shapes
            retried = {error for retrier in call["Retry"] for error in retrier["ErrorEquals"]}
            may_be = any(shape.name == IN_USE for shape in declared)
            assert (f"Personalize.{IN_USE}" in retried) == may_be, name
