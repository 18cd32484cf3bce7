"""The server of all tests, whose regions are as they were after each test."""

from collections.abc import Iterator

import pytest

from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.regions import Regions


@pytest.fixture
def regions(aws: LocalAws) -> Iterator[Regions]:
    regions = Regions(aws)
    yield regions
    regions.restore()
