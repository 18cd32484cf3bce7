"""Functions that consume queues: batches, failures, dead letters, and nothing lost or handed out twice."""

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.local_cloud.support.local_aws import LocalAws
from tests.support.waiting import eventually

# Puts what it gets into a bucket, one object per call; a body can ask for more.
CONSUMER = """
import boto3, json, os, time, uuid

s3 = boto3.client("s3")

def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    counts = [record["attributes"]["ApproximateReceiveCount"] for record in event["Records"]]
    if any(body == "raise" for body in bodies):
        raise ValueError("a poison message")
    if any(body == "die" and count == "1" for body, count in zip(bodies, counts)):
        os._exit(1)
    done = {"bodies": bodies, "first": event["Records"][0]}
    s3.put_object(Bucket=BUCKET, Key=uuid.uuid4().hex, Body=json.dumps(done))
    failed = [record["messageId"] for record in event["Records"] if record["body"] == "later"]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""


class Consumed:
    """A queue whose messages a function consumes, and which moves what fails twice to another."""

    def __init__(self, aws: LocalAws, **mapping: Any) -> None:
        self.aws, self.bucket = aws, aws.bucket({})
        self.dead_letters, dead_letter_arn = aws.queue()
        self.url = aws.client("sqs").create_queue(
            QueueName=f"test-{uuid4().hex[:12]}",
            Attributes={
                "VisibilityTimeout": "60",
                "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": 2}),
            },
        )["QueueUrl"]
        attributes = aws.client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.mapping = aws.client("lambda").create_event_source_mapping(
            EventSourceArn=attributes["Attributes"]["QueueArn"],
            FunctionName=aws.function(f"BUCKET = {self.bucket!r}\n{CONSUMER}"),
            **mapping,
        )["UUID"]

    def send(self, bodies: Sequence[str]) -> None:
        for first in range(0, len(bodies), 10):
            entries = [
                {"Id": str(number), "MessageBody": body}
                for number, body in enumerate(bodies[first : first + 10])
            ]
            self.aws.client("sqs").send_message_batch(QueueUrl=self.url, Entries=entries)

    def calls(self) -> list[dict[str, Any]]:
        s3 = self.aws.client("s3")
        listed = s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        keys = [item["Key"] for page in listed for item in page.get("Contents", [])]
        return [json.loads(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()) for key in keys]

    def bodies(self) -> list[str]:
        return [body for call in self.calls() for body in call["bodies"]]

    def left(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.aws.client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())

    def stop(self) -> None:
        self.aws.client("lambda").delete_event_source_mapping(UUID=self.mapping)


def test_a_function_gets_messages_in_batches_as_lambda_hands_them_over(aws: LocalAws) -> None:
    consumed = Consumed(aws, BatchSize=4, Enabled=False)
    consumed.send([str(number) for number in range(10)])
    aws.client("lambda").update_event_source_mapping(UUID=consumed.mapping, Enabled=True)

    eventually(lambda: len(consumed.bodies()) == 10 and consumed.left() == 0)
    consumed.stop()

    calls = consumed.calls()
    assert sorted(consumed.bodies()) == [str(number) for number in range(10)]
    assert max(len(call["bodies"]) for call in calls) == 4
    record = calls[0]["first"]
    assert (record["eventSource"], record["awsRegion"]) == ("aws:sqs", "eu-west-1")
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageId"] and record["receiptHandle"] and record["md5OfBody"]


def test_a_message_that_fails_again_and_again_ends_among_the_dead_letters(aws: LocalAws) -> None:
    consumed = Consumed(aws, BatchSize=1)

    consumed.send(["raise", "fine"])

    assert aws.received(consumed.dead_letters) == ["raise"]
    eventually(lambda: consumed.bodies() == ["fine"])
    assert consumed.left() == 0
    consumed.stop()


def test_only_the_messages_that_a_function_names_are_delivered_again(aws: LocalAws) -> None:
    consumed = Consumed(aws, BatchSize=10, FunctionResponseTypes=["ReportBatchItemFailures"], Enabled=False)
    consumed.send(["now", "later", "soon"])
    aws.client("lambda").update_event_source_mapping(UUID=consumed.mapping, Enabled=True)

    assert aws.received(consumed.dead_letters) == ["later"]
    assert Counter(consumed.bodies()) == {"now": 1, "soon": 1, "later": 2}
    consumed.stop()


def test_a_killed_function_loses_no_message(aws: LocalAws) -> None:
    consumed = Consumed(aws, BatchSize=5)

    consumed.send(["die", *(str(number) for number in range(20))])

    eventually(lambda: set(consumed.bodies()) >= {"die", *(str(number) for number in range(20))})
    assert consumed.left() == 0
    consumed.stop()


def test_a_disabled_mapping_leaves_messages_where_they_are(aws: LocalAws) -> None:
    consumed = Consumed(aws, Enabled=False)

    consumed.send(["stays"])

    assert aws.received(consumed.url) == ["stays"]
    assert consumed.bodies() == []
    consumed.stop()


def test_a_second_mapping_of_the_same_queue_and_function_is_refused(aws: LocalAws) -> None:
    consumed, lambda_ = Consumed(aws), aws.client("lambda")
    first = lambda_.get_event_source_mapping(UUID=consumed.mapping)

    with pytest.raises(lambda_.exceptions.ClientError, match=consumed.mapping):
        lambda_.create_event_source_mapping(
            EventSourceArn=first["EventSourceArn"], FunctionName=first["FunctionArn"]
        )
    consumed.stop()


def test_many_senders_and_receivers_at_once_lose_nothing_and_get_nothing_twice(aws: LocalAws) -> None:
    url, _ = aws.queue()
    sqs = aws.client("sqs")
    received: list[str] = []

    def send(sender: int) -> None:
        for number in range(50):
            sqs.send_message(QueueUrl=url, MessageBody=f"{sender}-{number}")

    def receive(_receiver: int) -> None:
        while len(received) < 200:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                received.append(message["Body"])

    with ThreadPoolExecutor(8) as threads:
        for work in [
            *(threads.submit(send, n) for n in range(4)),
            *(threads.submit(receive, n) for n in range(4)),
        ]:
            work.result(timeout=60)

    assert sorted(received) == sorted(f"{sender}-{number}" for sender in range(4) for number in range(50))


def test_dead_letters_can_be_moved_back_to_where_they_came_from(aws: LocalAws) -> None:
    consumed, sqs = Consumed(aws, BatchSize=1), aws.client("sqs")
    consumed.send(["raise"])
    names = ["QueueArn", "ApproximateNumberOfMessages"]

    def dead() -> dict[str, str]:
        answer = sqs.get_queue_attributes(QueueUrl=consumed.dead_letters, AttributeNames=names)
        return dict(answer["Attributes"])

    eventually(lambda: dead()["ApproximateNumberOfMessages"] == "1")
    consumed.stop()

    sqs.start_message_move_task(SourceArn=dead()["QueueArn"])

    assert aws.received(consumed.url) == ["raise"]
    assert dead()["ApproximateNumberOfMessages"] == "0"
    [task] = sqs.list_message_move_tasks(SourceArn=dead()["QueueArn"])["Results"]
    assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)


def test_only_a_queue_of_dead_letters_can_be_moved_back(aws: LocalAws) -> None:
    _, arn = aws.queue()
    sqs = aws.client("sqs")

    with pytest.raises(sqs.exceptions.ClientError, match="Dead Letter Queue"):
        sqs.start_message_move_task(SourceArn=arn)
