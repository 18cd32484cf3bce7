"""Experiments with simulated people, whose truth is known; `make prove` has hundreds of them."""

from tests.app.support.experiments.simulated_experiments import simulated


def test_better_lists_are_found_and_the_interval_has_the_truth() -> None:
    found = simulated(1)

    assert found.truth > 1.0
    assert (found.verdict, found.words, found.covers) == ("ship", "better", True)


def test_where_personalisation_gains_nothing_it_is_not_distinguishable() -> None:
    found = simulated(1, tastes=False)

    assert abs(found.truth) < 1e-12
    assert (found.words, found.covers) == ("not distinguishable", True)
