"""Fixtures: one Personalize server and one S3 for all tests of a run; each test takes names of its own."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.personalize_server.support.journey import BUCKET, Journey
from tests.personalize_server.support.processes import REGION, PersonalizeServer, client, start_s3


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    process, url = start_s3()
    client("s3", url).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield url
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def s3(s3_endpoint: str) -> Any:
    return client("s3", s3_endpoint)


@pytest.fixture(scope="session")
def server(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalizeServer]:
    """Timing `instant`; room for the dataset groups of many tests."""
    data = tmp_path_factory.mktemp("personalize")
    running = PersonalizeServer(
        data, s3_endpoint, ("--quota", "dataset_groups=500", "--quota", "solutions=50")
    ).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def personalize(server: PersonalizeServer) -> Any:
    return server.client()


@pytest.fixture
def journey(personalize: Any, s3: Any, request: pytest.FixtureRequest) -> Journey:
    name = request.node.name.removeprefix("test_").replace("[", "-").replace("]", "")
    plain = "".join(c if c.isalnum() or c == "-" else "-" for c in name)
    return Journey(personalize, s3, f"{plain[:24].strip('-')}-{abs(hash(request.node.nodeid)) % 10**6}")
