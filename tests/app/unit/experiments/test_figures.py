"""Statistics give what gbstats, tea-tasting, spotify-confidence and scipy give; see figures.py."""

import math
from statistics import NormalDist
from typing import Any

import pytest

from pipeline.statistics.cuped import adjusted
from pipeline.statistics.planning import Question, plan
from pipeline.statistics.ratio import design_effect, difference, lift, p_value, ratio, score
from pipeline.statistics.sequential import Design, bounds
from pipeline.statistics.split import bayes_factor, chi_square
from pipeline.statistics.sums import Sums, SumsWithPast
from tests.app.unit.experiments.figures import load

GBSTATS, TEA_TASTING, SPOTIFY = load("gbstats"), load("tea_tasting"), load("spotify_confidence")
ARMS = load("people")
CONTROL, TREATMENT = (SumsWithPast.of_histories(ARMS[name]) for name in ("control", "treatment"))
EXACT = 1e-12


@pytest.mark.parametrize("arm", ARMS)
def test_a_ratio_and_its_variance_are_those_of_gbstats(arm: str) -> None:
    found = ratio(Sums.of((x, y) for x, y, _, _ in ARMS[arm]))

    assert found
    assert found.value == pytest.approx(GBSTATS["ratio"][arm]["value"], rel=EXACT)
    assert found.variance == pytest.approx(GBSTATS["ratio"][arm]["variance"], rel=EXACT)


@pytest.mark.parametrize("kind", ["plain", "cuped"])
def test_the_difference_is_that_of_tea_tasting_with_and_without_the_past(kind: str) -> None:
    expected, control, treatment = TEA_TASTING[kind], ratio(CONTROL), ratio(TREATMENT)
    if kind == "cuped":
        both = adjusted(CONTROL, TREATMENT)
        assert both and both.kept < 0.99, "the past says something"
        control, treatment = both.control, both.treatment

    assert control and treatment
    interval = difference(control, treatment, TEA_TASTING["z"])
    found = {"control": control.value, "treatment": treatment.value, "low": interval.low}
    found |= {"high": interval.high, "p": p_value(control, treatment), "score": score(control, treatment)}
    assert found == pytest.approx(expected, rel=1e-9)


def test_the_lifts_interval_ends_where_tea_tasting_no_longer_tells_the_arms_apart() -> None:
    control, treatment = ratio(CONTROL), ratio(TREATMENT)

    assert control and treatment
    interval = lift(control, treatment, TEA_TASTING["z"])
    assert [interval.low, interval.high] == pytest.approx(TEA_TASTING["lift"], rel=1e-9)


@pytest.mark.parametrize("case", TEA_TASTING["power"], ids=lambda case: str(case["people"]))
def test_as_many_people_are_planned_as_have_the_power_that_tea_tasting_tells(case: dict[str, float]) -> None:
    everybody = CONTROL + TREATMENT
    effect, baseline = design_effect(everybody), everybody.x / everybody.y
    assert effect
    question = Question(
        baseline=baseline,
        effect=case["effect"],
        impressions=everybody.y / everybody.n,
        design_effect=effect,
        power=case["power"],
        days=7,
    )

    # tea-tasting takes the variance of the baseline for both arms
    treated = baseline * (1 + case["effect"])
    apart = (1 + treated * (1 - treated) / (baseline * (1 - baseline))) / 2
    assert 2 * plan(question).people / apart == pytest.approx(case["people"], rel=1e-3)


@pytest.mark.parametrize(
    "case", SPOTIFY["bounds"], ids=lambda c: f"{len(c['times'])}-{c['alpha']}-{c['rho']}-{c['sides']}"
)
def test_bounds_are_those_of_spotify_confidence(case: dict[str, Any]) -> None:
    times, alpha, rho = tuple(case["times"]), case["alpha"], case["rho"]
    found = bounds(Design(times, alpha, rho, one_sided=case["sides"] == 1))

    # it takes half of alpha for each side alone, and stops its search at 1e-7 of chance and at 8 deviations
    assert found == pytest.approx(case["bounds"], abs=6e-4)


@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_one_look_has_the_bound_of_a_fixed_test(alpha: float) -> None:
    assert bounds(Design((1.0,), alpha)) == pytest.approx([NormalDist().inv_cdf(1 - alpha / 2)], abs=1e-9)


@pytest.mark.parametrize("case", GBSTATS["srm"], ids=lambda case: str(case["counts"]))
def test_a_split_looked_at_once_has_the_p_value_of_gbstats(case: dict[str, Any]) -> None:
    assert chi_square(case["counts"], case["shares"]) == pytest.approx(case["p"], rel=1e-9)


@pytest.mark.parametrize(
    "case", SPOTIFY["dirichlet"], ids=lambda case: f"{case['counts']}-{case['concentration']}"
)
def test_the_evidence_against_a_split_is_that_of_scipys_distributions(case: dict[str, Any]) -> None:
    found = bayes_factor(case["counts"], case["shares"], case["concentration"])

    assert math.isclose(found, case["log_factor"], rel_tol=1e-9, abs_tol=1e-7)
