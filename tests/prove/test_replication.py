"""Histories of two regions at length."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from tests.local_cloud.support.local_aws import serving
from tests.local_cloud.support.regions import HISTORIES, Regions, Step, told


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    with serving(tmp_path_factory.mktemp("regions")) as aws:
        yield Regions(aws)


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(HISTORIES)
def test_500_histories_end_equal_in_both_regions_and_as_they_were_written_last(
    regions: Regions, steps: list[Step]
) -> None:
    told(regions, steps)
