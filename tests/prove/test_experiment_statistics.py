"""How often the statistics of experiments are wrong, and how often they find what is there."""

from collections.abc import Callable

import pytest

from pipeline.statistics.planning import Question, plan
from tests.prove.experiments_at_work import ACTIVITY, DAYS, EVERY, Found, experiments, splits, wilson_upper

Say = Callable[[str], None]
SEEDS = (1, 2, 3)
QUESTION = Question(
    baseline=0.03, effect=0.1, impressions=ACTIVITY * DAYS, design_effect=2.6, days=DAYS, look_every=EVERY
)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def told(words: str) -> None:
        with capsys.disabled():
            print(f"\n{words}", flush=True)

    return told


def found_by_seed(found: list[Found]) -> str:
    shares = ", ".join(f"{each.share:.1%} (at most {each.upper:.1%})" for each in found)
    together = sum(len(each.days) for each in found), sum(each.experiments for each in found)
    return f"{shares}; together {together[0] / together[1]:.1%}, at most {wilson_upper(*together):.1%}"


def test_arms_that_are_the_same_are_seldom_called_different(say: Say) -> None:
    found = [experiments(seed, 1_000, 5_000, 0.03, 0.03) for seed in SEEDS]
    say(f"3.0 % in both arms, 1,000 experiments of 5,000 people an arm, three seeds: {found_by_seed(found)}")

    assert wilson_upper(sum(len(each.days) for each in found), 3_000) <= 0.065


def test_nine_times_as_many_actions_are_always_found_mostly_at_the_first_look(say: Say) -> None:
    found = experiments(4, 1_000, 300, 0.005, 0.047)
    say(
        f"0.5 against 4.7 %, 300 people an arm: found in {found.share:.1%}, median day {found.median_day:.0f}"
    )

    assert found.share == 1
    assert found.median_day <= 7


def test_a_tenth_more_is_found_with_the_planned_people(say: Say) -> None:
    people = plan(QUESTION).people
    found = experiments(5, 1_000, people, 0.03, 0.033)
    say(f"3.0 against 3.3 %: {people:,} people an arm; {found.share:.1%}, day {found.median_day:.0f}")

    assert 8_500 <= people <= 11_500
    assert found.share >= 0.78


def test_right_splits_pass_and_wrong_ones_are_found(say: Say) -> None:
    right = [splits(seed, 1_000, 20_000, 0.5) for seed in SEEDS]
    wrong = splits(4, 1_000, 20_000, 0.48)
    say(f"right splits, 20,000 people, looked at daily, three seeds: {found_by_seed(right)}")
    say(f"48/52 with 20,000 people: found in {wrong.share:.1%}, median day {wrong.median_day:.0f}")

    assert all(each.share <= 0.01 for each in right)
    assert wrong.share >= 0.95
