"""What two lists have in common, held against definitions written out, and against scipy."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.ground.arrays import Codes
from pipeline.comparison.agreement import agreement

WIDTH = 30
DEPTHS, PERSISTENCE = (5, 10, 25), 0.9
FAR = 400
List = list[int]
LISTS = st.lists(st.integers(0, 39), max_size=WIDTH, unique=True)
PAIRS = st.lists(st.tuples(LISTS, LISTS), min_size=1, max_size=6)


def rows(lists: Sequence[List]) -> Codes:
    return np.array([one + [-1] * (WIDTH - len(one)) for one in lists], np.int32).reshape(-1, WIDTH)


def overlap(one: List, other: List, depth: int) -> float:
    longest = min(depth, max(len(one), len(other)))
    return len(set(one[:depth]) & set(other[:depth])) / longest if longest else math.nan


def rank_biased_overlap(one: List, other: List) -> float:
    """The infinite sum itself, in which what is unseen is assumed to agree as much as what was seen."""
    short, long = sorted((one, other), key=len)
    if not long:
        return math.nan
    of_short = len(set(short) & set(long[: len(short)])) / len(short) if short else 0.0

    def common(depth: int) -> float:
        seen = len(set(short[:depth]) & set(long[:depth]))
        return seen + of_short * max(depth - len(short), 0)

    agreed = [common(depth) / depth for depth in range(1, len(long) + 1)]
    agreed += [agreed[-1]] * (FAR - len(agreed))
    return (1 - PERSISTENCE) * sum(PERSISTENCE**at * value for at, value in enumerate(agreed))


def kendall(one: List, other: List) -> float:
    from scipy.stats import kendalltau

    common = [item for item in one if item in other]
    if len(common) < 2:
        return math.nan
    return float(kendalltau([one.index(item) for item in common], [other.index(item) for item in common])[0])


@example([([3], [3, 1, 2]), ([3], [3]), ([], [3]), ([3, 1], [1])])  # hardly ever drawn
@given(PAIRS)
def test_measures_are_those_of_their_definitions(pairs: list[tuple[List, List]]) -> None:
    found = agreement(rows([one for one, _ in pairs]), rows([other for _, other in pairs]))

    for depth in DEPTHS:
        expected = [overlap(*pair, depth) for pair in pairs]
        assert found.overlap[depth] == pytest.approx(expected, nan_ok=True)
    assert found.rbo == pytest.approx([rank_biased_overlap(*pair) for pair in pairs], nan_ok=True)
    assert found.tau == pytest.approx([kendall(*pair) for pair in pairs], nan_ok=True)


@given(PAIRS)
def test_measures_have_their_bounds_and_no_side(pairs: list[tuple[List, List]]) -> None:
    ones, others = rows([one for one, _ in pairs]), rows([other for _, other in pairs])

    there, back = agreement(ones, others), agreement(others, ones)

    for values in (*there.overlap.values(), there.rbo):
        present = values[~np.isnan(values)]
        assert ((present >= 0) & (present <= 1 + 1e-12)).all()
    assert (np.abs(there.tau[~np.isnan(there.tau)]) <= 1).all()
    for depth in DEPTHS:
        assert there.overlap[depth] == pytest.approx(back.overlap[depth], nan_ok=True)
    assert there.rbo == pytest.approx(back.rbo, nan_ok=True)
    assert there.tau == pytest.approx(back.tau, nan_ok=True)


@given(LISTS.filter(lambda one: len(one) > 1))
def test_a_list_agrees_with_itself_and_not_with_its_reverse(one: List) -> None:
    same = agreement(rows([one]), rows([one]))
    reverse = agreement(rows([one]), rows([one[::-1]]))

    assert (same.rbo[0], same.tau[0], same.overlap[10][0]) == pytest.approx((1, 1, 1))
    assert reverse.tau[0] == -1
    assert reverse.rbo[0] < 1


def test_the_figures_of_a_pair_worked_out_by_hand() -> None:
    # a b c d against b a e f: in common at depths 1 to 4 are 0, 2, 2, 2 items
    found = agreement(rows([[0, 1, 2, 3]]), rows([[1, 0, 4, 5]]))

    p = 0.9
    sums = p**2 * 2 / 2 + p**3 * 2 / 3 + p**4 * 2 / 4
    assert found.rbo[0] == pytest.approx((1 - p) / p * sums + 2 / 4 * p**4)
    assert found.overlap[5][0] == 0.5
    assert found.tau[0] == -1


def test_many_people_are_compared_in_blocks() -> None:
    rng = np.random.default_rng(3)
    ones, others = (np.array([rng.permutation(40)[:WIDTH] for _ in range(4_100)], np.int32) for _ in range(2))

    found = agreement(ones, others)

    some = [0, 1_999, 2_000, 4_099]
    assert found.rbo[some] == pytest.approx(
        [rank_biased_overlap(ones[row].tolist(), others[row].tolist()) for row in some]
    )
    assert len(found.tau) == 4_100
