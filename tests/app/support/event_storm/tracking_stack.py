"""What the tracking stack has, made by calls: table, bucket, queues, tracker, function and its mapping."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.local_cloud.support.local_aws import LocalAws
from tests.personalize_server.support.processes import PersonalizeServer
from tests.support import tables

ROOT = Path(__file__).parents[4]
BUCKET, TABLE, QUEUE, STAGE = "storm-data", "storm-tracking", "storm-events", "storm"
CASES = {"posts": ("view", "like", "comment"), "users_to_follow": ("follow",)}
ACTIONS = {"posts": ("like", "comment"), "users_to_follow": ("follow",)}
RECEIVES = 12


@dataclass(frozen=True)
class EventQueues:
    """Addresses of the queue and of that with the dead letters."""

    aws: LocalAws
    live: str
    dead: str

    @classmethod
    def create(cls, aws: LocalAws) -> EventQueues:
        sqs = aws.client("sqs")
        dead = sqs.create_queue(QueueName=f"{QUEUE}-dead")["QueueUrl"]
        redrive = json.dumps({"deadLetterTargetArn": _arn(sqs, dead), "maxReceiveCount": RECEIVES})
        attributes = {"VisibilityTimeout": "360", "RedrivePolicy": redrive}
        return cls(aws, sqs.create_queue(QueueName=QUEUE, Attributes=attributes)["QueueUrl"], dead)

    def feed(self, function: str) -> None:
        self.aws.client("lambda").create_event_source_mapping(
            EventSourceArn=_arn(self.aws.client("sqs"), self.live),
            FunctionName=function,
            BatchSize=300,
            MaximumBatchingWindowInSeconds=5,
            ScalingConfig={"MaximumConcurrency": 3},
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )

    def waiting(self) -> int:
        """Messages that are visible, being processed or given up."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        total = 0
        for url in (self.live, self.dead):
            answer = self.aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)
            total += sum(int(value) for value in answer["Attributes"].values())
        return total

    def redrive(self) -> int:
        """What an operator does by `python -m operations redrive`."""
        sqs, moved = self.aws.client("sqs"), 0
        while found := sqs.receive_message(QueueUrl=self.dead, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                sqs.send_message(QueueUrl=self.live, MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=self.dead, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
        return moved


def build(aws: LocalAws, personalize: PersonalizeServer, *, stores: str) -> EventQueues:
    """stores: address of DynamoDB and S3 as the consumer sees them."""
    region = {"LocationConstraint": aws.settings.region}
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
    tables.create(aws.client("dynamodb"), TABLE)
    queues = EventQueues.create(aws)
    queues.feed(_function(aws, _tracker(personalize), stores=stores, events=personalize.url))
    return queues


def _tracker(server: PersonalizeServer) -> str:
    """The tracking id of a new tracker of the Personalize server."""
    personalize = server.client()
    group = personalize.create_dataset_group(name="storm")["datasetGroupArn"]
    fields = [{"name": name, "type": "string"} for name in ("USER_ID", "ITEM_ID", "EVENT_TYPE")]
    schema = {
        "type": "record",
        "name": "Interactions",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [*fields, {"name": "TIMESTAMP", "type": "long"}],
        "version": "1.0",
    }
    made = personalize.create_schema(name="storm", schema=json.dumps(schema))["schemaArn"]
    personalize.create_dataset(
        name="storm", schemaArn=made, datasetGroupArn=group, datasetType="Interactions"
    )
    return str(personalize.create_event_tracker(name="storm", datasetGroupArn=group)["trackingId"])


def _function(aws: LocalAws, tracking_id: str, *, stores: str, events: str) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as content:
        for file in (ROOT / "lambda_src").rglob("*.py"):
            content.write(file, file.relative_to(ROOT / "lambda_src"))
    told: dict[str, dict[str, Any]] = {
        name: {"eventTypes": types, "actions": ACTIONS[name]} for name, types in CASES.items()
    }
    told["posts"]["trackingId"] = tracking_id
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = aws.client("iam").create_role(
        RoleName="storm",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )["Role"]["Arn"]
    created = aws.client("lambda").create_function(
        FunctionName="storm",
        Runtime="python3.13",
        Role=role,
        Handler="steps.consume_events.lambda_handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=60,
        Environment={
            "Variables": {
                "STAGE": STAGE,
                "DATA_BUCKET": BUCKET,
                "SERVING_TABLE": TABLE,
                "ACTIVE_REGIONS": aws.client("dynamodb").meta.region_name,
                "TRACKING_TABLE": TABLE,
                "TRACKED_USE_CASES": json.dumps(told),
                "AWS_ENDPOINT_URL_DYNAMODB": stores,
                "AWS_ENDPOINT_URL_S3": stores,
                "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS": events,
            }
        },
    )
    return str(created["FunctionArn"])


def _arn(sqs: Any, url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])
