"""One server of the local cloud for all tests that talk to it as boto3 does."""

from collections.abc import Iterator

import pytest

from local_cloud.ground.settings import Rights
from tests.local_cloud.support.local_aws import LocalAws, serving
from tests.local_cloud.support.stacks import Stacks


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with serving(tmp_path_factory.mktemp("local-cloud")) as server:
        yield server


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A server that refuses what policies do not allow."""
    with serving(tmp_path_factory.mktemp("strict"), Rights.ENFORCE) as server:
        yield server


@pytest.fixture
def stacks(aws: LocalAws) -> Iterator[Stacks]:
    made = Stacks(aws)
    yield made
    made.clean()
