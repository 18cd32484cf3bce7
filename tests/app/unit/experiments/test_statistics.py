"""What the statistics promise besides figures: sums add up, intervals agree, words say what was seen."""

import math
from dataclasses import astuple, replace
from statistics import NormalDist

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from config.schema import Ramp
from pipeline.errors import InvalidInput
from pipeline.measuring.report import information
from pipeline.statistics.cuped import adjusted
from pipeline.statistics.decision import Guard, Verdict, decide, guard
from pipeline.statistics.planning import Question, least_effect, plan
from pipeline.statistics.ratio import (
    Estimate,
    Interval,
    correlation_within_people,
    design_effect,
    difference,
    lift,
    ratio,
)
from pipeline.statistics.sequential import Design, bounds, inflation, looks, power, shares
from pipeline.statistics.split import bayes_factor, chi_square, sequential
from pipeline.statistics.sums import Sums, SumsWithPast
from tests.app.unit.experiments.conftest import experiment

People = list[tuple[int, int]]
COUNT = st.integers(0, 50)
PEOPLE = st.lists(st.tuples(COUNT, COUNT), max_size=30)
HISTORIES = st.lists(st.tuples(COUNT, COUNT, COUNT, COUNT), min_size=2, max_size=30)
RATE, VARIANCE, Z = st.floats(0, 1), st.floats(1e-12, 1), st.floats(0.5, 9)
QUESTION = Question(baseline=0.03, effect=0.1, impressions=14, design_effect=2.6)


@given(PEOPLE, PEOPLE)
def test_sums_of_two_groups_are_the_sums_of_both_together(one: People, other: People) -> None:
    assert Sums.of(one) + Sums.of(other) == Sums.of(one + other)


def test_the_sums_of_nobody_add_nothing() -> None:
    somebody, with_past = Sums.of([(2, 3)]), SumsWithPast.of_histories([(2, 3, 5, 7)])

    assert Sums() + somebody == somebody == Sums.of([]) + somebody
    assert SumsWithPast() + with_past == with_past
    assert (*astuple(Sums()), *astuple(SumsWithPast())) == (0,) * 21


def test_who_says_nothing_else_plans_runs_and_looks_in_the_same_way() -> None:
    """28 days, a look a week, 5 % for a wrong verdict: what was planned is what is measured."""
    question = Question(baseline=0.03, effect=0.1, impressions=14)
    design = Design((1.0,))
    trial, ramp = experiment(), Ramp(stages=("dev",), people=1)

    for one in (question, trial):
        assert (one.days, one.look_every) == (ramp.days, ramp.look_every) == (28, 7)
        assert (one.alpha, one.rho) == (design.alpha, design.rho) == (0.05, 3)
    assert question.power == 0.8 and inflation(design) == inflation(design, question.power)
    assert plan(question) == plan(replace(question, design_effect=1.0))
    assert (
        bounds(design) == bounds(replace(design, one_sided=False)) != bounds(replace(design, one_sided=True))
    )


def test_the_sums_of_one_person_are_the_products() -> None:
    now, before = (1, 2, 4, 3, 9, 6), (5, 25, 7, 49, 35)

    assert astuple(SumsWithPast.of_histories([(2, 3, 5, 7)])) == (*now, *before, 10, 14, 15, 21)


@given(HISTORIES)
def test_people_without_a_past_are_measured_as_they_are(people: list[tuple[int, int, int, int]]) -> None:
    sums = SumsWithPast.of_histories((x, y, 0, 0) for x, y, _, _ in people)
    found = adjusted(sums, sums)

    assert (found and found.control) == ratio(sums)


@given(st.one_of(st.just(0.0), RATE), VARIANCE, st.one_of(st.just(0.0), RATE), VARIANCE, Z)
@example(0.0, 0.5, 0.0, 0.5, 1.0)
@example(0.0, 1.0, 1.0, 1.0, 0.5)
def test_a_lift_is_told_exactly_when_a_difference_is(
    c: float, vc: float, t: float, vt: float, z: float
) -> None:
    control, treatment = Estimate(c, vc), Estimate(t, vt)
    apart = abs(t - c) - z * math.sqrt(vc + vt)
    assume(abs(apart) > 1e-9)
    found = lift(control, treatment, z)

    assert found.without_zero == (apart > 0) == difference(control, treatment, z).without_zero or (
        # the treatment may be nothing at all: it is surely less, and by how much is not known
        t < c and found.low is None
    )
    assert found.low is None or -1 <= found.low <= (math.inf if found.high is None else found.high)
    assert found.low is not None or found.high is None


@pytest.mark.parametrize(
    ("low", "high", "without"),
    [
        (None, None, False),
        (0.0, 1.0, False),
        (-1.0, 0.0, False),
        (-1.0, 1.0, False),
        (0.1, None, True),
        (None, -0.1, True),
    ],
)
def test_an_interval_that_ends_at_zero_holds_it(low: float | None, high: float | None, without: bool) -> None:
    assert Interval(low, high).without_zero == without


def test_information_grows_from_look_to_look_even_if_new_people_vary_more() -> None:
    few = SumsWithPast.of_histories([(1, 5, 0, 0), (3, 5, 0, 0), (0, 4, 0, 0)])
    [first] = information((), (few, few))

    before, after = information((10 * first,), (few, few))

    assert before == 10 * first
    assert not Design((0.5, 1.0), information=(before, after)).problems


@pytest.mark.parametrize("sums", [Sums(), Sums.of([(1, 3)]), Sums.of([(1, 0), (2, 0)])])
def test_too_little_to_divide_has_no_ratio(sums: Sums) -> None:
    assert ratio(sums) is None
    assert design_effect(sums) is None


def test_impressions_that_are_each_others_copies_tell_as_much_as_one() -> None:
    people = [(5.0, 5.0)] * 20 + [(0.0, 5.0)] * 80
    sums = Sums.of(people)

    assert design_effect(sums) == pytest.approx(5 * 100 / 99)
    assert correlation_within_people(sums) == pytest.approx(1, rel=0.02)
    apart = Sums.of([(0, 2), (1, 2), (1, 2), (2, 2)] * 50)
    assert correlation_within_people(apart) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("one_sided", [False, True])
def test_without_an_effect_the_bounds_are_crossed_as_often_as_allowed(one_sided: bool) -> None:
    design = Design((0.1, 0.4, 0.5, 1.0), one_sided=one_sided)

    assert power(design, 0.0) == pytest.approx(design.spent(), abs=1e-6)


def test_one_look_has_the_power_of_a_fixed_test() -> None:
    normal = NormalDist(2.8)
    edge = NormalDist().inv_cdf(0.975)

    assert power(Design((1.0,)), 2.8) == pytest.approx([1 - normal.cdf(edge) + normal.cdf(-edge)], abs=1e-9)


@pytest.mark.parametrize(
    ("design", "words"),
    [
        (Design(()), "looks must lie in"),
        (Design((0.5, 0.5)), "looks must lie in"),
        (Design((0.5, 1.5), alpha=0), "looks must lie in .*; alpha must lie between 0 and 1"),
        (Design((1.0,), rho=0), "rho must be above 0"),
        (Design((0.5, 1.0), information=(1.0, 2.0, 3.0)), r"information must grow .* \[1.0, 2.0, 3.0\]"),
        (Design((0.5, 1.0), information=(2.0, 2.0)), "information must grow from look to look"),
        (Design((0.5, 1.0), information=(0.0,)), "information must grow from look to look"),
    ],
)
def test_bounds_of_what_is_no_design_are_refused(design: Design, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        bounds(design)


def test_looks_come_after_whole_weeks_and_at_the_end() -> None:
    assert looks(28, 7) == (7, 14, 21, 28)
    assert looks(30, 7) == (7, 14, 21, 28, 30)
    assert looks(5, 7) == (5,)
    assert looks(6, 7) == (6,)
    assert shares((7, 14, 28)) == (0.25, 0.5, 1.0)


def test_the_least_effect_of_the_planned_people_is_the_planned_one() -> None:
    assert least_effect(QUESTION, plan(QUESTION).people) == pytest.approx(0.1, rel=1e-3)
    assert least_effect(replace(QUESTION, baseline=0.6), 2) is None


def test_every_figure_of_a_plan_that_cannot_be_is_named() -> None:
    wrong = Question(baseline=0, effect=0, impressions=-1, alpha=2, days=0)
    with pytest.raises(InvalidInput) as refused:
        plan(wrong)

    assert all(word in str(refused.value) for word in ("baseline", "effect", "impressions", "alpha", "days"))
    with pytest.raises(InvalidInput, match="makes no other share"):
        plan(Question(baseline=0.5, effect=1.0, impressions=3))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"baseline": 1.0}, "baseline must lie between 0 and 1"),
        ({"power": 0.05}, "power must be above alpha, 0.05, not 0.05"),
        ({"effect": 0.0}, "effect 0.0 makes no other share"),
        ({"effect": -1.0}, "effect -1.0 makes no other share"),
        ({"design_effect": 0.0}, "design_effect must be above 0"),
        ({"look_every": 0}, "look_every must be above 0"),
    ],
)
def test_figures_at_the_ends_of_what_they_can_be_are_refused(changes: dict[str, float], told: str) -> None:
    found = replace(QUESTION, **changes).problems  # type: ignore[arg-type]

    assert any(problem.startswith(told) for problem in found)
    assert replace(QUESTION, power=0.051).problems == replace(QUESTION, effect=-0.99).problems == ()


def test_a_split_is_wrong_when_chance_makes_one_like_it_of_a_hundred() -> None:
    """p = 1 / the Bayes factor, of a Dirichlet worth a thousand people around what was planned."""
    even = (0.5, 0.5)
    p = [math.exp(-bayes_factor((500 + more, 500 - more), even, 1_000)) for more in range(80)]

    assert p[0] > 1 > 0.01 > p[-1]
    for more, chance in enumerate(p):
        found = sequential([(500 + more, 500 - more)], even)
        assert found.p == pytest.approx(min(chance, 1)) and found.right is (chance >= 0.01)


def test_a_split_once_found_wrong_stays_wrong() -> None:
    wrong, mended = (4_700, 5_300), (100_000, 100_500)

    assert not sequential([wrong, mended], (0.5, 0.5)).right
    assert sequential([mended], (0.5, 0.5)).right
    assert sequential([], (0.5, 0.5)).p == 1
    assert chi_square([0, 0], [0.5, 0.5]) == 1


@pytest.mark.parametrize(
    ("interval", "last", "verdict", "words"),
    [
        (None, False, Verdict.KEEP_GOING, "nothing to look at"),
        (Interval(-0.02, 0.2), False, Verdict.KEEP_GOING, "between -2.0% and +20.0%"),
        (Interval(-0.02, None), False, Verdict.KEEP_GOING, "between -2.0% and no limit"),
        (Interval(None, None), False, Verdict.KEEP_GOING, "too little was seen"),
        (Interval(None, 0.2), False, Verdict.KEEP_GOING, "between no limit and +20.0%"),
        (Interval(0.0, 0.2), False, Verdict.KEEP_GOING, "between +0.0% and +20.0%"),
        (Interval(-0.02, 0.1), False, Verdict.KEEP_GOING, "between -2.0% and +10.0%"),
        (Interval(-0.2, 0.0), False, Verdict.NOTHING_BIGGER, "bigger than +0.0%, at worst -20.0%"),
        (Interval(None, 0.04), False, Verdict.NOTHING_BIGGER, "bigger than +4.0%"),
        (Interval(0.031, 0.2), False, Verdict.SHIP, "better by 3.1% at least"),
        (Interval(-0.2, -0.05), False, Verdict.WORSE, "by 5.0% at least"),
        (Interval(-0.02, 0.04), False, Verdict.NOTHING_BIGGER, "bigger than +4.0%, at worst -2.0%"),
        (Interval(-0.02, 0.2), True, Verdict.NOTHING_BIGGER, "bigger than +20.0%, at worst -2.0%"),
        (Interval(None, None), True, Verdict.NOTHING_BIGGER, "too little seen"),
    ],
)
def test_the_decision_says_what_the_interval_says(
    interval: Interval | None, last: bool, verdict: Verdict, words: str
) -> None:
    decision = decide(interval, last=last, wanted=0.1)

    assert decision.verdict == verdict
    assert words in decision.words


def test_nothing_is_shipped_on_a_wrong_split_or_over_a_broken_guardrail() -> None:
    better = Interval(0.05, 0.2)

    assert decide(better, last=True, wanted=0.1, split_is_right=False).verdict == Verdict.SPLIT_IS_WRONG
    broken = decide(better, last=True, wanted=0.1, broken=("hides",))
    assert (broken.verdict, broken.words) == (Verdict.WORSE, "stop: worse than allowed in hides")
    assert "not known yet of hides" in decide(better, last=True, wanted=0.1, unknown=("hides",)).words


@pytest.mark.parametrize(
    ("low", "high", "more_is_worse", "expected"),
    [
        (-0.04, 0.1, False, Guard.HOLDS),
        (-0.06, 0.1, False, Guard.OPEN),
        (-0.05, 0.1, False, Guard.OPEN),
        (-0.2, -0.05, False, Guard.OPEN),
        (-0.1, 0.05, True, Guard.OPEN),
        (-0.2, -0.06, False, Guard.BROKEN),
        (-0.1, 0.04, True, Guard.HOLDS),
        (-0.1, 0.06, True, Guard.OPEN),
        (0.06, None, True, Guard.BROKEN),
        (0.01, None, True, Guard.OPEN),
        (None, None, False, Guard.OPEN),
    ],
)
def test_a_guardrail_is_broken_only_where_it_is_surely_worse_by_more_than_its_margin(
    low: float | None, high: float | None, more_is_worse: bool, expected: Guard
) -> None:
    assert guard(Interval(low, high), 0.05, more_is_worse=more_is_worse) == expected
