"""The JSONata in the workflows: all of it parses, and the less obvious parts are right."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonata import Jsonata
from jsonata.jexception import JException

from tests.app.support.business.stages import LOCAL, STAGES
from tests.app.support.template_reading import Machine, Template, machines_of, training_of
from tests.app.support.workflow_jsonata import evaluate, expressions

ME = "arn:aws:states:eu-west-1:123456789012:execution:recs-local-posts:m"
OTHER = "arn:aws:states:eu-west-1:123456789012:execution:recs-local-posts:a"
LATER_NAME = "arn:aws:states:eu-west-1:123456789012:execution:recs-local-posts:z"


@pytest.fixture(scope="module")
def machine(templates: dict[str, Template]) -> Machine:
    return next(
        machine for machine in machines_of(training_of(templates, LOCAL)) if machine.use_case == "posts"
    )


@pytest.fixture(scope="module")
def reason(machine: Machine) -> str:
    found: str = machine.definition["States"]["Describe the failure"]["Assign"]["failureReason"]
    return found


def test_every_expression_parses(templates: dict[str, Template]) -> None:
    texts = {
        text
        for stage in STAGES
        for machine in machines_of(training_of(templates, stage))
        for text in expressions(machine.definition)
    }

    assert len(texts) > 100
    for text in texts:
        try:
            Jsonata(text)
        except JException as error:
            pytest.fail(f"{error} in {text}")


@pytest.mark.parametrize(
    ("start", "run"),
    [
        ("2026-11-21T19:50:12.345Z", "20261121T195012345"),
        ("2026-11-21T19:50:12Z", "20261121T195012000"),
        ("2026-11-21T19:50:12.345678+00:00", "20261121T195012345"),
    ],
)
def test_a_run_is_named_by_its_start(machine: Machine, start: str, run: str) -> None:
    name = machine.definition["States"]["Name the run"]["Assign"]["run"]

    assert evaluate(name, {"context": {"Execution": {"StartTime": start}}}) == run


@pytest.mark.parametrize(
    ("given", "meant"),
    [(True, True), (False, False), (None, False), ("true", False)],
)
@pytest.mark.parametrize("member", ["force", "acceptData", "acceptModel"])
def test_only_a_true_force_forces_and_only_a_true_acceptance_accepts(
    machine: Machine, member: str, given: Any, meant: bool
) -> None:
    assign = machine.definition["States"]["Name the run"]["Assign"][member]

    assert evaluate(assign, {"input": {member: given, "trigger": "schedule"}}) is meant
    assert evaluate(assign, {"input": {}}) is False


@pytest.mark.parametrize("accepted", [True, False])
def test_a_worse_model_is_used_if_whoever_starts_the_run_accepts_it(machine: Machine, accepted: bool) -> None:
    told = json.dumps(machine.definition)
    judging = re.findall(r'"useWorse": "([^"]*)"', told)

    assert judging and all(evaluate(each, acceptModel=accepted) is accepted for each in judging)


@pytest.mark.parametrize(
    ("running", "earlier"),
    [
        ([(ME, "12.000")], ""),
        ([], ""),
        ([(ME, "12.000"), (OTHER, "11.999")], OTHER),
        ([(ME, "12.000"), (OTHER, "12.001")], ""),
        ([(ME, "12.000"), (OTHER, "12.000")], OTHER),
        ([(ME, "12.000"), (LATER_NAME, "12.000")], ""),
        ([(OTHER, "11.000"), (LATER_NAME, "11.500"), (ME, "12.000")], OTHER),
        ([(OTHER, "11.000")], OTHER),
    ],
    ids=[
        "alone",
        "not listed yet",
        "second",
        "first",
        "tie, greater name",
        "tie, smaller name",
        "third",
        "not listed yet, but another one is",
    ],
)
def test_of_two_executions_the_one_that_started_later_gives_way(
    machine: Machine, running: list[tuple[str, str]], earlier: str
) -> None:
    find = machine.definition["States"]["Find other executions"]["Assign"]["earlier"]
    listed = [{"ExecutionArn": arn, "StartDate": f"2026-11-21T19:50:{seconds}Z"} for arn, seconds in running]
    states = {
        "result": {"Executions": listed},
        "context": {"Execution": {"Id": ME, "StartTime": "2026-11-21T19:50:12.000Z"}},
    }

    assert evaluate(find, states) == earlier


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (
            json.dumps({"errorMessage": 'line 2: "x"\nTIMESTAMP: é \\', "errorType": "DatasetRejected"}),
            'line 2: "x"\nTIMESTAMP: é \\',
        ),
        ('{"errorMessage":"Task timed out after 900.00 seconds"}', "Task timed out after 900.00 seconds"),
        ("Rate exceeded (Service: Personalize)", "Rate exceeded (Service: Personalize)"),
        ('{"errorMessage": "cut of', '{"errorMessage": "cut of'),
        ('{"errorMessage": "one"} and {"errorMessage": "two"}', "one"),
        ('{"errorMessage": "no \\q JSON"}', '{"errorMessage": "no \\q JSON"}'),
        ("", ""),
    ],
    ids=["a function's", "a time-out", "a service's", "cut off", "two", "no JSON", "none"],
)
def test_the_reason_is_the_readable_part_of_a_cause(reason: str, cause: str, told: str) -> None:
    assert evaluate(reason, failedCause=cause) == told


MESSAGES = st.text() | st.text(alphabet='"\\\\/u0{}: errorMessage\n\x00é😀')


@settings(max_examples=40)
@given(st.lists(MESSAGES, min_size=1, max_size=3), st.booleans(), st.integers(0, 60))
def test_whatever_a_cause_holds_it_has_a_reason(
    reason: str, messages: list[str], plain: bool, cut: int
) -> None:
    """The first function's message, however many there are and whatever they quote; else the cause itself."""
    parts = [json.dumps({"errorMessage": text}, ensure_ascii=plain) for text in messages]
    whole = "; ".join(parts)

    assert evaluate(reason, failedCause=whole) == messages[0][:2000]
    for broken in (whole[: -cut or None], *messages, json.dumps({"Cause": whole}), whole + messages[0]):
        assert isinstance(evaluate(reason, failedCause=broken), str)


def test_a_long_reason_is_cut(reason: str) -> None:
    assert len(evaluate(reason, failedCause="x" * 30_000)) == 2000


def test_subjects_fit_into_what_sns_takes(machine: Machine) -> None:
    subject = machine.definition["States"]["Notify of the failure"]["Arguments"]["Subject"]

    longest = evaluate(subject, failedStep="x" * 200)

    assert len(longest) == 100
    assert longest.isascii()


@pytest.mark.parametrize(
    ("campaign", "follows"),
    [
        ({"SolutionVersionArn": "new"}, True),
        ({"SolutionVersionArn": "old"}, False),
        ({"SolutionVersionArn": "new", "MinProvisionedTPS": 2}, False),
        ({"SolutionVersionArn": "new", "Status": "CREATE FAILED"}, False),
        ({"SolutionVersionArn": "old", "LatestCampaignUpdate": ("new", "CREATE IN_PROGRESS")}, True),
        ({"SolutionVersionArn": "old", "LatestCampaignUpdate": ("new", "CREATE FAILED")}, False),
        ({"SolutionVersionArn": "new", "LatestCampaignUpdate": ("old", "CREATE IN_PROGRESS")}, False),
    ],
)
def test_a_campaign_follows_once_its_newest_update_does(
    machine: Machine, campaign: dict[str, Any], follows: bool
) -> None:
    look = machine.definition["States"]["Look at the campaign"]
    described = {"Status": "ACTIVE", "MinProvisionedTPS": 1, **campaign}
    if "LatestCampaignUpdate" in campaign:
        arn, status = campaign["LatestCampaignUpdate"]
        described["LatestCampaignUpdate"] = {
            "SolutionVersionArn": arn, "MinProvisionedTPS": 1, "Status": status,
        }  # fmt: skip
    comparison = {"solutionVersionArn": "new"}

    found = evaluate(look["Assign"]["follows"], {"result": {"Campaign": described}}, comparison=comparison)

    assert found is follows


@pytest.mark.parametrize(
    ("step", "words"),
    [("Publish the generation", "stay as they are"), ("Update the campaign", "the campaign does not follow")],
)
def test_a_failed_campaign_is_not_told_like_a_failed_publication(
    machine: Machine, step: str, words: str
) -> None:
    message = machine.definition["States"]["Notify of the failure"]["Arguments"]["Message"]
    variables = {"failedStep": step, "failedError": "E", "failureReason": "why", "run": "r"}

    told = evaluate(message, {"context": {"Execution": {"Id": ME}}}, **variables)

    assert words in told and told.count("recommendations") == 1


@pytest.mark.parametrize(
    ("answers", "summary"),
    [
        ([(10, 1, "", "")], {"users": 10, "errors": 1, "error": "", "cause": ""}),
        ([(10, 1, "", ""), (5, 0, "", "")], {"users": 15, "errors": 1, "error": "", "cause": ""}),
        (
            [(10, 1, "", ""), (0, 0, "ShardIncomplete", "torn"), (0, 0, "TableBusy", "full")],
            {"users": 10, "errors": 1, "error": "ShardIncomplete", "cause": "torn"},
        ),
    ],
    ids=["one shard", "two shards", "failures"],
)
def test_shards_are_summed_up_and_the_first_failure_is_kept(
    machine: Machine, answers: list[tuple[int, int, str, str]], summary: dict[str, Any]
) -> None:
    loaded = machine.definition["States"]["Load recommendations"]["Assign"]["loaded"]
    results = [dict(zip(("users", "errors", "error", "cause"), answer, strict=True)) for answer in answers]

    assert evaluate(loaded, {"result": results}) == summary


def test_a_thousand_failed_shards_fit_into_a_state_s_result(machine: Machine) -> None:
    shard = machine.definition["States"]["Load recommendations"]["ItemProcessor"]["States"]["Load a shard"]
    output = shard["Catch"][0]["Output"]
    cause = evaluate(output["cause"], {"errorOutput": {"Error": "ShardIncomplete", "Cause": "x" * 9000}})

    one = json.dumps({**output, "error": "Lambda.ClientExecutionTimeoutException", "cause": cause})

    assert 1000 * (len(one) + 2) < 262_144


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, ""),
        (("eu-west-1", "active"), ""),
        (("eu-west-1", "draining"), "eu-west-1 begins nothing any more: it is draining"),
        (("eu-central-1", "active"), "eu-west-1 does nothing: eu-central-1 is the active region"),
    ],
)
def test_a_run_goes_on_in_the_active_region_only_and_has_its_input_then(
    machine: Machine, item: tuple[str, str] | None, reason: str
) -> None:
    states = machine.definition["States"]
    look = states[machine.definition["StartAt"]]
    items = [{"region": {"S": item[0]}, "state": {"S": item[1]}}] if item else []

    fenced = evaluate(look["Assign"]["fenced"], {"result": {"Items": items, "Count": len(items)}})

    assert fenced == reason
    decide = states[look["Next"]]
    [choice] = decide["Choices"]
    assert evaluate(choice["Condition"], fenced=fenced) is bool(reason)
    assert evaluate(look["Output"], {"input": {"force": True}}) == {"force": True}
    assert (
        states[choice["Next"]]["Type"] == "Succeed"
        and states[choice["Next"]]["Output"]["outcome"] == "fenced"
    )
    assert states[decide["Default"]]["Assign"]["force"], "the input is read next"
