"""What tests of the app share: a real PostgreSQL, S3 and DynamoDB in memory, and one deployed local cloud."""

from __future__ import annotations

import json
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from moto import mock_aws

from config.use_cases import USE_CASES
from local_cloud.machine import postgres
from pipeline.extract.database import Database
from pipeline.storage import Bucket
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.app.support.clouds.filled_cloud import fill, up
from tests.app.support.in_memory import BUCKET, REGION, TABLE, client
from tests.support import tables


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


@pytest.fixture
def secrets(aws: None) -> Any:
    """A Secrets Manager client."""
    return client("secretsmanager")


@pytest.fixture
def bucket(aws: None) -> Iterator[Bucket]:
    """An empty bucket; a test that leaves a multipart upload unfinished fails."""
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield Bucket(s3, BUCKET)
    assert not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")


@pytest.fixture
def dynamodb(aws: None) -> Any:
    """A DynamoDB client; the serving table is there."""
    made = client("dynamodb")
    tables.create(made, TABLE)
    return made


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommunityCloud]:
    with up(tmp_path_factory.mktemp("cloud")) as community:
        yield community


@pytest.fixture(scope="session")
def first_runs(deployed: CommunityCloud) -> dict[str, dict[str, Any]]:
    """What the first runs of all use cases gave, which were begun at once; every one is served then."""
    names = [use_case.name for use_case in USE_CASES]
    arns = {name: deployed.begin(name, force=True) for name in names}
    ended = {name: deployed.end_of(arn) for name, arn in arns.items()}
    assert {name: run["status"] for name, run in ended.items()} == dict.fromkeys(names, "SUCCEEDED"), [
        (run.get("error"), run.get("cause")) for run in ended.values()
    ]
    deployed.until_served()
    return {name: json.loads(run["output"]) for name, run in ended.items()}


@pytest.fixture
def community(deployed: CommunityCloud) -> Iterator[CommunityCloud]:
    """Data as loaded: a test may do to the database what it likes."""
    yield deployed
    fill(deployed.cloud)
