"""How the last runs ended, as Step Functions tells it; botocore holds its answers against its own model."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from operations import cli

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:recs-test-posts"
BEGAN = datetime(2026, 11, 21, 19, 50, 12, 345_000, tzinfo=UTC)

Ended = tuple[str, dict[str, Any]]
Asked = Callable[..., int]


def execution(number: int) -> str:
    return MACHINE.replace("stateMachine", "execution") + f":{number}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    """`operations runs` of a state machine whose executions ended like this, the newest first."""
    settings = {"region_name": "eu-west-1", "aws_access_key_id": "k", "aws_secret_access_key": "s"}
    clients = {name: boto3.client(name, **settings) for name in ("stepfunctions", "sts")}
    monkeypatch.setattr(cli, "_client", lambda _options, service: clients[service])
    machines, callers = Stubber(clients["stepfunctions"]), Stubber(clients["sts"])

    def run(ended: list[Ended], *words: str) -> int:
        callers.add_response(
            "get_caller_identity", {"Account": "123456789012", "UserId": "u", "Arn": MACHINE}
        )
        known = {"stateMachineArn": MACHINE, "startDate": BEGAN}
        listed = [
            {**known, "executionArn": execution(at), "name": str(at), "status": status}
            for at, (status, _) in enumerate(ended)
        ]
        machines.add_response("list_executions", {"executions": listed})
        for at, (status, said) in enumerate(ended):
            stopped = {} if status == "RUNNING" else {"stopDate": BEGAN + timedelta(minutes=12)}
            given = {**known, "executionArn": execution(at), "status": status, **stopped, **said}
            machines.add_response("describe_execution", given)
        return cli.main(["runs", "--stage", "test", "--use-case", "posts", *words])

    with machines, callers:
        run.machines = machines  # type: ignore[attr-defined]
        yield run


def output(**members: Any) -> dict[str, Any]:
    return {"output": json.dumps({"useCase": "posts", "run": "20261121T195012345", **members})}


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (
            "SUCCEEDED",
            output(outcome="published", users=9_231, verdict="better"),
            "published   lists for 9,231",
        ),
        ("SUCCEEDED", output(outcome="unchanged", reason="as 20261120"), "unchanged   as 20261120"),
        ("SUCCEEDED", output(outcome="kept", reason="ndcg is .1"), "kept        ndcg is .1"),
        (
            "SUCCEEDED",
            output(outcome="skipped", reason="running already: 3"),
            "skipped     running already: 3",
        ),
        (
            "FAILED",
            {"error": "E", "cause": "Step Import users:\n no rows"},
            "failed      E: Step Import users: no rows",
        ),
        ("TIMED_OUT", {}, "timed out"),
        ("ABORTED", {"error": "stopped by ann"}, "aborted     stopped by ann"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_run_is_told_with_how_it_ended_and_why(
    asked: Asked, capsys: pytest.CaptureFixture[str], status: str, said: dict[str, Any], expected: str
) -> None:
    assert asked([(status, said)]) == 0

    assert lines(capsys)[1] == f"20261121T195012345  2026-11-21 19:50   0:12:00  {expected}"


def test_a_run_that_goes_on_has_no_end(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked([("RUNNING", {})]) == 0

    assert lines(capsys)[1] == "20261121T195012345  2026-11-21 19:50         -  running"


def test_of_several_variants_each_is_told(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    variants = [
        {"variant": "personalize", "outcome": "published", "users": 7, "verdict": "equal"},
        {"variant": "own", "outcome": "failed", "error": "TooSmall", "cause": "5 people"},
    ]

    assert asked([("SUCCEEDED", output(outcome="published", variants=variants))]) == 0

    assert lines(capsys)[2:] == ["  personalize: published  lists for 7", "  own: failed  TooSmall: 5 people"]


def test_a_long_cause_is_cut_on_the_screen_and_whole_in_json(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    cause = "no " + "row " * 500
    assert asked([("FAILED", {"error": "E", "cause": cause})]) == 0
    assert lines(capsys)[1].endswith(" row...")

    assert asked([("FAILED", {"error": "E", "cause": cause})], "--json") == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["why"], found["seconds"], found["execution"]) == (f"E: {cause}", 720.0, execution(0))


def test_before_the_first_run_there_is_nothing_to_tell(
    asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked([]) == 0
    assert lines(capsys) == ["posts: no runs yet in eu-west-1; Step Functions keeps them for 90 days"]


def test_a_workflow_that_is_not_deployed_is_said(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    machines = asked.machines  # type: ignore[attr-defined]
    machines.add_client_error("list_executions", "StateMachineDoesNotExist")

    assert asked([]) == 1
    assert f"there is no state machine {MACHINE}: is it deployed there?" in capsys.readouterr().err
