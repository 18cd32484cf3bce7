"""One local cloud per test process: deployed by the CDK CLI, filled with generated data, run once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud import cloud as clouds
from local_cloud.cloud import Cloud
from local_cloud.progress import Progress
from local_cloud.state import StateFolder
from sample_database.generated import Scale
from sample_database.load import load, source_community
from tests.local.community_cloud import CommunityCloud, free_ports

SCALE = Scale(users=300, programs=60, posts=400)


def fill(cloud: Cloud) -> None:
    load(cloud.database().dsn, source_community("generated", SCALE))


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommunityCloud]:
    folder: Path = tmp_path_factory.mktemp("cloud")
    cloud = Cloud(StateFolder(folder), free_ports())
    try:
        clouds.up(cloud, Progress())
        fill(cloud)
        yield CommunityCloud(cloud)
    finally:
        clouds.down(cloud)


@pytest.fixture
def community(deployed: CommunityCloud) -> Iterator[CommunityCloud]:
    """Data as loaded: a test may do to the database what it likes."""
    yield deployed
    fill(deployed.cloud)
