"""What the unit tests share: a real PostgreSQL, an S3 and a DynamoDB in memory."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from moto import mock_aws

from local_cloud import postgres
from pipeline.extract.database import Database
from pipeline.storage import Bucket

BUCKET, TABLE, REGION = "data-bucket", "recs-test-serving", "eu-west-1"


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A PostgreSQL server of this test session."""
    folder: Path = tmp_path_factory.mktemp("database") / "postgres"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = postgres.Postgres(folder)
    launched: list[psutil.Process] = []
    try:
        with warnings.catch_warnings():
            # The server outlives the object that started it.
            warnings.simplefilter("ignore", ResourceWarning)
            reached = server.start(port, launched.append)
        yield Database(
            host=reached.host,
            port=reached.port,
            username=reached.username,
            password=reached.password,
            dbname=reached.dbname,
            ssl="disable",
        )
    finally:
        for process in launched:
            postgres.stop(process)
        server.remove()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No call of this test leaves the process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@cache  # Making a client takes longer than most tests.
def _client(service: str) -> Any:
    return boto3.client(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


@pytest.fixture
def secrets(aws: None) -> Any:
    """A Secrets Manager client."""
    return _client("secretsmanager")


@pytest.fixture
def bucket(aws: None) -> Iterator[Bucket]:
    """An empty bucket; a test that leaves a multipart upload unfinished fails."""
    client = _client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield Bucket(client, BUCKET)
    assert not client.list_multipart_uploads(Bucket=BUCKET).get("Uploads")


@pytest.fixture
def dynamodb(aws: None) -> Any:
    """A DynamoDB client; the serving table is there."""
    client = _client("dynamodb")
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
    )
    return client
