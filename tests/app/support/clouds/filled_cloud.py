"""A local cloud of a test session, deployed and filled with the tests' community."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.business.data import load
from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.local_cloud.support.confirmations import confirm
from tests.local_cloud.support.ports import free_ports


def fill(cloud: Cloud) -> None:
    """The database, with the tests' community as it was at first."""
    load(cloud.database().dsn)


@contextmanager
def up(folder: Path) -> Iterator[CommunityCloud]:
    """A cloud of its own, whose e-mails arrive; it ends with the block."""
    cloud = Cloud(StateFolder(folder), free_ports())
    try:
        clouds.up(cloud, Progress())
        confirm(cloud.settings)
        fill(cloud)
        yield CommunityCloud(cloud)
    finally:
        clouds.down(cloud)
