"""Experiments with simulated people, whose truth is known: how often the intervals have it."""

import pytest

from tests.app.support.experiments.simulated_experiments import simulated

SEEDS = range(100)


def test_in_90_of_100_worlds_at_least_the_interval_has_the_truth(capsys: pytest.CaptureFixture[str]) -> None:
    found = [simulated(seed) for seed in SEEDS]

    covered = sum(one.covers for one in found)
    better = sum(one.verdict == "ship" for one in found)
    with capsys.disabled():
        print(f"\n{covered} of {len(found)} intervals have the truth; {better} times `ship`")
    assert covered >= 90
    assert better >= 90


def test_where_personalisation_gains_nothing_it_is_not_distinguishable(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = [simulated(seed, tastes=False) for seed in SEEDS]

    same = sum(one.words == "not distinguishable" for one in found)
    with capsys.disabled():
        print(f"\n{same} of {len(found)} are not distinguishable")
    assert max(abs(one.truth) for one in found) < 1e-12
    assert same >= 90
