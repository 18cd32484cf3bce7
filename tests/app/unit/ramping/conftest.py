"""Functions as they are deployed, and an experiment to change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.experiments.store import ExperimentStore
from pipeline.generations import Generations
from pipeline.storage import Bucket
from steps import clients, environment
from tests.app.support.good_stage import known
from tests.app.support.in_memory import REGION, TABLE, client


@pytest.fixture(autouse=True)
def stage_of_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands know the stage that tables in memory are of."""
    monkeypatch.setattr("operations.cli.configured", known)


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch, bucket: Bucket, dynamodb: Any) -> Iterator[str]:
    """The environment of deployed functions; both variants are published; the queue hears the topic."""
    topic = client("sns").create_topic(Name="failures")["TopicArn"]
    for name, value in {
        "DATA_BUCKET": bucket.name,
        "SERVING_TABLE": TABLE,
        "ACTIVE_REGIONS": REGION,
        "STAGE": "test",
        "TOPIC_ARN": topic,
        "POWERTOOLS_SERVICE_NAME": "recs",
        "POWERTOOLS_METRICS_NAMESPACE": "Recommendations",
    }.items():
        monkeypatch.setenv(name, value)
    caches = (environment.step_environment, environment.topic, environment.stage, clients.client)
    for cached in caches:
        cached.cache_clear()
    for variant in ("personalize", "own"):
        Generations(dynamodb, TABLE, "posts", variant).publish("20270101T000000000", users=100)
    queue = client("sqs").create_queue(QueueName="mail")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    yield queue
    for cached in caches:
        cached.cache_clear()


@pytest.fixture
def store(dynamodb: Any) -> ExperimentStore:
    return ExperimentStore(dynamodb, TABLE, "posts")
