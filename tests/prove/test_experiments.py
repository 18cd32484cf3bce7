"""Experiments at length: every fault under 20,000 requests, and a ramp of 100 experiments."""

from __future__ import annotations

import pytest

from tests.app.support.experiments.experiment_chaos import FAULTS, check
from tests.app.support.experiments.experimenting import Ramp, ramped


@pytest.mark.parametrize("fault", FAULTS)
def test_of_20_000_requests_during_a_fault_none_is_empty_untrue_or_of_the_other_arm(
    fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = check(fault, people=1_500, requests=20_000)
    with capsys.disabled():
        print(f"\n{told}")


def test_in_100_experiments_a_ramp_from_10_by_50_to_100_percent_moves_nobody_back() -> None:
    ids = [str(number) for number in range(5_000)]

    assert {ramped(f"s{number}", ids) for number in range(100)} == {
        Ramp(moved_back=0, moved_between=0, shares=(0.1, 0.5, 1.0))
    }
