"""What tests that take long share: one deployed local cloud."""

from collections.abc import Iterator

import pytest

from tests.app.support.clouds.community_cloud import CommunityCloud
from tests.app.support.clouds.filled_cloud import up


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommunityCloud]:
    with up(tmp_path_factory.mktemp("cloud")) as community:
        yield community
