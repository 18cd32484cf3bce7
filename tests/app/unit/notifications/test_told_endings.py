"""Executions that ended without having said so: what is mailed about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pipeline import keys
from pipeline.endings import reason_in
from pipeline.errors import TableBusy
from pipeline.notifications.shards import result_key, shards_key
from pipeline.notifications.so_far import note_failure
from pipeline.storage import Bucket
from steps import clients, environment, tell_ending
from tests.app.support.in_memory import client

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="id"
)
NAME, RUN = "weekly_programs", "20190226T235226847"
FAILED: dict[str, Any] = {
    "executionArn": "arn:aws:states:us-east-1:012345678912:execution:state-machine-name:execution-name",
    "stateMachineArn": "arn:aws:states:us-east-1:012345678912:stateMachine:state-machine",
    "name": "execution-name",
    "status": "FAILED",
    "startDate": 1551225146847,
    "stopDate": 1551225151881,
    "input": "{}",
    "output": None,
}
"""The detail of the documentation's sample: https://docs.aws.amazon.com/step-functions/latest/dg/cw-events.html"""
OF_A_FUNCTION = json.dumps(
    {
        "errorMessage": 'the table "lists" is busy:\nasked 8 times \u2013 8 refusals',
        "errorType": "TableBusy",
        "requestId": "8fd1c2a5",
        "stackTrace": ['  File "/var/task/steps/notify.py", line 88, in lambda_handler\n'],
    }
)
"""As Lambda tells an exception: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html"""


@pytest.fixture(autouse=True)
def inbox(monkeypatch: pytest.MonkeyPatch, bucket: Bucket) -> Iterator[str]:
    """The environment of the deployed function, and a queue that hears the topic."""
    topic = client("sns").create_topic(Name="failures")["TopicArn"]
    given = {"DATA_BUCKET": bucket.name, "SERVING_TABLE": "table", "STAGE": "prod", "TOPIC_ARN": topic}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    cached = (clients.client, environment.step_environment, environment.stage, environment.topic)
    for one in cached:
        one.cache_clear()
    queue = client("sqs").create_queue(QueueName="mail")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    yield queue
    for one in cached:
        one.cache_clear()


def told(inbox: str, execution: dict[str, Any], notification: str | None = NAME) -> tuple[str, str]:
    """Subject and text of the one mail."""
    request = {
        "workflow": f"The notification workflow {NAME}",
        "useCase": "training_programs",
        "notification": notification,
        "consequence": "Nobody is told twice.",
        "remedy": "docs/runbook.md#a-notification-run-ended-badly",
        "execution": execution,
    }
    tell_ending.lambda_handler(request, CONTEXT)
    [message] = client("sqs").receive_message(QueueUrl=inbox, MaxNumberOfMessages=10)["Messages"]
    body = json.loads(message["Body"])
    return body["Subject"], body["Message"]


def test_the_documentation_s_failed_execution_is_told_with_where_to_look_and_what_to_do(inbox: str) -> None:
    subject, text = told(inbox, FAILED)

    assert subject == "state-machine-name failed"
    assert text.splitlines() == [
        "The notification workflow weekly_programs failed",
        "",
        "Nobody was told: the run ended before its first message.",
        "",
        "Use case: training_programs",
        "Stage: prod, region us-east-1",
        f"Run: {RUN}",
        "",
        "Nobody is told twice.",
        "What to do: docs/runbook.md#a-notification-run-ended-badly",
        "The execution: https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1"
        f"#/v2/executions/details/{FAILED['executionArn']}",
    ]


@pytest.mark.parametrize(("status", "how"), [("TIMED_OUT", "timed out"), ("ABORTED", "was aborted")])
def test_the_other_endings_of_the_documentation_are_told_too(inbox: str, status: str, how: str) -> None:
    subject, text = told(inbox, {**FAILED, "status": status}, notification=None)

    assert subject == f"state-machine-name {how}"
    assert text.splitlines()[0] == f"The notification workflow weekly_programs {how}"
    assert "Nobody was told" not in text


def test_a_function_s_error_is_told_in_its_words_without_the_traceback(inbox: str) -> None:
    subject, text = told(inbox, {**FAILED, "error": "TableBusy", "cause": OF_A_FUNCTION})

    assert subject == "state-machine-name failed: TableBusy"
    assert text.splitlines()[:3] == [
        "The notification workflow weekly_programs failed: TableBusy",
        'Reason: the table "lists" is busy:',
        "asked 8 times \u2013 8 refusals",
    ]
    assert "stackTrace" not in text and "\\n" not in text


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("halfway", "halfway"),
        ('Step Load: {"errorMessage": "42 lists", "errorType": "E"}', "42 lists"),
        ('{"errorMessage": "cut in the mid', '{"errorMessage": "cut in the mid'),
        ("", ""),
        ("\n".join("abcdefghijklmno"), "\n".join("abcdefghijkl")),
        ("x" * 5000, "x" * 2000),
    ],
)
def test_a_cause_that_is_no_function_s_is_told_as_it_is_in_its_first_lines(cause: str, reason: str) -> None:
    assert reason_in(cause) == reason


def test_a_subject_is_one_line_of_a_hundred_characters_of_ascii(inbox: str) -> None:
    """What SNS takes: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
    subject, _ = told(inbox, {**FAILED, "error": "Ünfähig\n" + "x" * 200})

    assert subject.startswith("state-machine-name failed: ?nf?hig x")
    assert len(subject) == 100 and subject.isascii() and "\n" not in subject


def test_a_run_that_ended_halfway_is_told_with_counts_and_why_a_shard_failed(
    inbox: str, bucket: Bucket
) -> None:
    """Of a map, Step Functions says but that too many of its executions failed."""
    folder = keys.notifications(NAME, RUN)
    shards = [{"key": "a", "number": 0, "users": 3}, {"key": "b", "number": 1, "users": 1200}]
    bucket.write_json(shards_key(NAME, RUN), shards)
    counts = [["in_app", "sent", "", 2], ["email", "failed", "rejected", 1], ["email", "uncertain", "", 1]]
    bucket.write_json(result_key(folder, 0, 0), {"next": 2, "done": False, "counts": counts})
    note_failure(bucket, folder, TableBusy("the table is busy"))

    _, text = told(inbox, {**FAILED, "error": "States.ExceedToleratedFailureThreshold"})

    assert text.split("\n\n")[1].splitlines() == [
        "A shard failed last with TableBusy: the table is busy",
        "Done with: 2 of 1,203 people",
        "- in_app: 2 sent, 0 failed, 0 uncertain",
        "- push: 0 sent, 0 failed, 0 uncertain",
        "- email: 0 sent, 1 failed, 1 uncertain",
    ]


def test_a_mail_goes_out_though_the_counts_cannot_be_read(inbox: str, bucket: Bucket) -> None:
    bucket.client.delete_bucket(Bucket=bucket.name)
    try:
        _, text = told(inbox, FAILED)
    finally:
        bucket.client.create_bucket(
            Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )

    assert "What the run has done is not known: reading s3://" in text
    assert "What to do: docs/runbook.md" in text
