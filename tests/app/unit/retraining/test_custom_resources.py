"""Custom resources: CloudFormation always gets an answer, and deleting is always possible."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pipeline.custom_resources.empty_bucket import empty_bucket
from pipeline.errors import CleanUpUnfinished
from pipeline.storage import Bucket
from steps import clients
from steps.custom_resources import answering, first_deployment
from steps.custom_resources import empty_bucket as empty_bucket_step
from steps.custom_resources import solution_settings as solution_settings_step

SOLUTION = "arn:aws:personalize:eu-west-1:123456789012:solution/recs-test-posts-0a0b0c0d"
CONTEXT = SimpleNamespace(
    function_name="f",
    memory_limit_in_mb=128,
    invoked_function_arn="arn",
    aws_request_id="id",
    get_remaining_time_in_millis=lambda: 60_000,
)


@dataclass
class Answers:
    """A place that takes answers like the URL that CloudFormation hands out."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[str, str | None, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def answers() -> Iterator[Answers]:
    found = Answers()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.got.append((self.path, self.headers["Content-Type"], body))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/answer?signature=s"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def event(answers: Answers, kind: str, **properties: Any) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": answers.url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Resource",
        "ResourceProperties": {"ServiceToken": "arn", **properties},
    }


@pytest.fixture
def personalize(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    client = boto3.client("personalize", "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
    monkeypatch.setattr(solution_settings_step, "client", lambda _: client)
    return Stubber(client)


def test_automatic_training_is_turned_off_and_cloudformation_told(
    personalize: Stubber, answers: Answers
) -> None:
    personalize.add_response("describe_solution", {"solution": {"performAutoTraining": True}})
    personalize.add_response("update_solution", {}, {"solutionArn": SOLUTION, "performAutoTraining": False})
    personalize.add_response("describe_solution", {"solution": {"performAutoTraining": False}})
    with personalize:
        solution_settings_step.lambda_handler(event(answers, "Create", SolutionArn=SOLUTION), CONTEXT)

    personalize.assert_no_pending_responses()
    assert answers.got == [
        (
            "/answer?signature=s",
            "",
            {
                "Status": "SUCCESS",
                "PhysicalResourceId": f"{SOLUTION}/settings",
                "StackId": "stack",
                "RequestId": "request",
                "LogicalResourceId": "Resource",
            },
        )
    ]


def test_an_update_that_fails_after_all_fails_the_deployment(personalize: Stubber, answers: Answers) -> None:
    failed = {
        "status": "CREATE FAILED",
        "failureReason": "The solution is too busy.",
        "creationDateTime": datetime(2026, 11, 21, tzinfo=UTC),
    }
    personalize.add_response("describe_solution", {"solution": {}})
    personalize.add_response("update_solution", {})
    personalize.add_response("describe_solution", {"solution": {"latestSolutionUpdate": failed}})
    with personalize:
        solution_settings_step.lambda_handler(event(answers, "Create", SolutionArn=SOLUTION), CONTEXT)

    assert answers.got[0][2]["Status"] == "FAILED"
    assert "CREATE FAILED: The solution is too busy." in answers.got[0][2]["Reason"]


def test_deleting_the_settings_touches_nothing(personalize: Stubber, answers: Answers) -> None:
    with personalize:
        solution_settings_step.lambda_handler(event(answers, "Delete", SolutionArn=SOLUTION), CONTEXT)

    assert answers.got[0][2]["Status"] == "SUCCESS"


def test_a_failure_is_answered_with_its_reason(personalize: Stubber, answers: Answers) -> None:
    broken = event(answers, "Create", EventTypes=[{"name": "like"}])

    solution_settings_step.lambda_handler(broken, CONTEXT)

    assert answers.got[0][2]["Status"] == "FAILED"
    assert answers.got[0][2]["Reason"] == "KeyError: 'SolutionArn'"
    assert answers.got[0][2]["PhysicalResourceId"] == "unknown/settings"


def test_an_answer_that_does_not_arrive_is_sent_again(answers: Answers) -> None:
    answers.statuses = [503, 500]
    waits: list[float] = []

    answering.answered(event(answers, "Create"), "id", lambda: None, sleep=waits.append)

    assert len(answers.got) == 3
    assert waits == [2, 4]


def test_an_endless_reason_is_cut_to_what_cloudformation_takes(answers: Answers) -> None:
    def fail() -> None:
        raise ValueError("x" * 10_000)

    answering.answered(event(answers, "Create"), "id", fail)

    assert len(json.dumps(answers.got[0][2])) < 4096


def test_a_variant_s_first_deployment_is_counted_and_nothing_that_follows(
    answers: Answers, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "test")
    counted = []
    for kind in ("Create", "Update", "Update", "Delete"):
        first_deployment.lambda_handler(event(answers, kind, UseCase="posts", Variant="own"), CONTEXT)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        for line in [line for line in lines if "_aws" in line]:
            [metric] = line["_aws"]["CloudWatchMetrics"]
            dimensions = {name: line[name] for name in metric["Dimensions"][0]}
            counted.append((kind, metric["Namespace"], dimensions, line["FirstDeployment"]))

    of = {"stage": "test", "use_case": "posts", "variant": "own"}
    assert counted == [("Create", "Recommendations", of, [1.0])]
    assert [body["Status"] for _, _, body in answers.got] == ["SUCCESS"] * 4
    assert len({body["PhysicalResourceId"] for _, _, body in answers.got}) == 1


@pytest.fixture
def full_bucket(bucket: Bucket) -> Bucket:
    """Objects in two versions, and a delete marker."""
    bucket.client.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b/c", "b/c", "d"):
        bucket.write(key, b"x", "text/plain")
    bucket.client.delete_object(Bucket=bucket.name, Key="d")
    return bucket


@pytest.fixture
def empty(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> Any:
    monkeypatch.setattr(empty_bucket_step, "client", lambda _: bucket.client)
    return empty_bucket_step.lambda_handler


def test_a_deleted_bucket_is_emptied_of_all_versions(
    empty: Any, full_bucket: Bucket, answers: Answers
) -> None:
    full_bucket.client.create_multipart_upload(Bucket=full_bucket.name, Key="unfinished")

    empty(event(answers, "Delete", BucketName=full_bucket.name), CONTEXT)

    assert answers.got[0][2]["Status"] == "SUCCESS"
    listed = full_bucket.client.list_object_versions(Bucket=full_bucket.name)
    assert "Versions" not in listed
    assert "DeleteMarkers" not in listed


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_bucket_that_stays_keeps_its_objects(
    empty: Any, full_bucket: Bucket, answers: Answers, kind: str
) -> None:
    empty(event(answers, kind, BucketName=full_bucket.name), CONTEXT)

    assert answers.got[0][2]["Status"] == "SUCCESS"
    assert full_bucket.client.list_objects_v2(Bucket=full_bucket.name)["KeyCount"] == 2


def test_a_bucket_that_is_gone_is_empty(empty: Any, answers: Answers) -> None:
    empty(event(answers, "Delete", BucketName="never-was"), CONTEXT)

    assert answers.got[0][2]["Status"] == "SUCCESS"


def test_emptying_stops_in_time_and_says_so(full_bucket: Bucket) -> None:
    with pytest.raises(CleanUpUnfinished, match="more are left"):
        empty_bucket(full_bucket.client, full_bucket.name, seconds_left=lambda: 5)


def test_it_says_how_many_versions_are_gone_with_a_page_s_worth_of_time_left(full_bucket: Bucket) -> None:
    listed = full_bucket.client.list_object_versions(Bucket=full_bucket.name)
    there = len(listed["Versions"]) + len(listed.get("DeleteMarkers", ()))
    with pytest.raises(CleanUpUnfinished, match="0 versions removed, more are left"):
        empty_bucket(full_bucket.client, full_bucket.name, seconds_left=lambda: 14.9)

    assert empty_bucket(full_bucket.client, full_bucket.name, seconds_left=lambda: 15) == there > 2
    assert empty_bucket(full_bucket.client, full_bucket.name, seconds_left=lambda: 15) == 0
    assert empty_bucket(full_bucket.client, "there-is-none", seconds_left=lambda: 15) == 0


def test_clients_are_made_once_and_do_not_wait_for_ever(aws: None) -> None:
    made = clients.client("s3")

    assert clients.client("s3") is made
    assert made.meta.config.connect_timeout == 5
    assert made.meta.config.retries["total_max_attempts"] == 6
