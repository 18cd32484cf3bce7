"""The stacks of one file, whose APIs its tests share."""

from collections.abc import Iterator

import pytest

from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.stacks import Stacks


@pytest.fixture(scope="module")
def stacks(aws: LocalAws) -> Iterator[Stacks]:
    made = Stacks(aws)
    yield made
    made.clean()
