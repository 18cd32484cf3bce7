"""What one variant's lists are like, held against definitions written out, and against scipy."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.comparison.lists import Lists
from pipeline.comparison.nature import Figures, Popularity, nature, personalisation

ITEMS, LIMIT = 20, 12
LISTS = st.lists(st.lists(st.integers(0, ITEMS - 1), max_size=LIMIT, unique=True), min_size=1, max_size=12)
COUNTS = st.lists(st.integers(0, 30), min_size=ITEMS, max_size=ITEMS)
List = list[int]


def arrays(lists: list[List], scores: list[list[float]] | None = None) -> Lists:
    people = len(lists)
    items = np.full((people, LIMIT), -1, np.int32)
    values = np.full((people, LIMIT), np.nan, np.float32)
    for row, one in enumerate(lists):
        items[row, : len(one)] = one
        if scores is not None:
            values[row, : len(one)] = scores[row]
    return Lists(
        variant="own",
        items=items,
        scores=values,
        leaked=np.zeros(people, np.int32),
        asked=np.ones(people, np.bool_),
        errors=0,
        of_items=False,
        own={},
    )


def figures(lists: Lists, counts: List) -> Figures:
    everybody = np.arange(len(lists.items))
    popularity = Popularity(np.array(counts, np.int64))
    return nature(lists, everybody, popularity, limit=LIMIT, rng=np.random.default_rng(1))


def mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def overlap(one: List, other: List) -> float:
    longest = min(10, max(len(one), len(other)))
    return len(set(one[:10]) & set(other[:10])) / longest


@given(LISTS, COUNTS)
def test_figures_are_those_of_their_definitions(lists: list[List], counts: List) -> None:
    from scipy.stats import percentileofscore

    found = figures(arrays(lists), counts)

    filled = [one[:10] for one in lists if one]
    shown = Counter(item for one in filled for item in one)
    often = [shown[item] for item in range(ITEMS)]
    uneven = sum(abs(one - other) for one, other in itertools.product(often, often))
    touches = sum(counts)
    least = min((count for count in counts if count), default=0)

    def bits(item: int) -> float:
        return -math.log2(max(counts[item], least) / touches) if touches else 0.0

    assert found["short"] == mean([len(one) < LIMIT for one in lists])
    assert found["empty"] == mean([not one for one in lists])
    assert found["meanLength"] == pytest.approx(mean([len(one) for one in lists]))
    assert found["coverage@10"] == len(shown) / ITEMS
    if filled:
        assert found["gini@10"] == pytest.approx(uneven / (2 * ITEMS * sum(often)))
        assert found["novelty@10"] == pytest.approx(
            mean([sum(map(bits, one)) / len(one) for one in filled]), rel=1e-5, abs=1e-6
        )
        standing = [percentileofscore(counts, counts[item], kind="mean") / 100 for item in range(ITEMS)]
        assert found["popularity@10"] == pytest.approx(
            mean([sum(standing[item] for item in one) / len(one) for one in filled])
        )
        assert found["mostCommonList"] == max(Counter(map(tuple, filled)).values()) / len(filled)
        assert found["coldItems"] == mean([counts[item] == 0 for one in filled for item in one])
    alike = [overlap(*pair) for pair in itertools.combinations(filled, 2)]
    expected = None if not alike else 1 - sum(alike) / len(alike)
    assert found["personalisation@10"] == (None if expected is None else pytest.approx(expected))


@given(LISTS, COUNTS)
def test_figures_have_their_bounds(lists: list[List], counts: List) -> None:
    found = figures(arrays(lists), counts)

    for name in ("personalisation@10", "coverage@10", "gini@10", "popularity@10", "coldItems", "short"):
        value = found[name]
        assert value is None or -1e-9 <= value <= 1 + 1e-9, name


def test_lists_that_are_the_same_for_all_are_not_personal() -> None:
    found = figures(arrays([list(range(LIMIT))] * 9), [1] * ITEMS)

    assert (found["personalisation@10"], found["mostCommonList"]) == (0, 1)


def test_scores_are_those_of_the_lists() -> None:
    found = figures(arrays([[1, 2, 3], [4], []], [[0.9, 0.5, 0.25], [0.5], []]), [1] * ITEMS)

    assert found["scoreLow"] == 0.25
    assert found["scoreHigh"] == pytest.approx(0.9)
    assert found["scoreMean"] == pytest.approx((0.9 + 0.5 + 0.25 + 0.5) / 4)
    assert found["scoreSpread"] == pytest.approx((0.65 + 0) / 2)


def test_lists_without_scores_have_no_figures_of_them() -> None:
    found = figures(arrays([[1, 2]]), [1] * ITEMS)

    assert found["scoreLow"] is None and found["scoreSpread"] is None


def test_of_many_people_pairs_are_drawn() -> None:
    rng = np.random.default_rng(5)
    lists = np.array([rng.permutation(ITEMS)[:10] for _ in range(600)], np.int32)

    drawn = personalisation(lists, np.random.default_rng(1))
    again = personalisation(lists, np.random.default_rng(1))

    assert drawn == again
    # two random tens of twenty have five in common
    assert drawn == pytest.approx(0.5, abs=0.01)


def test_people_who_came_up_later_have_lists_without_anything() -> None:
    grown = arrays([[1, 2]], [[0.5, 0.25]]).padded(3)

    assert grown.items[1:].tolist() == [[-1] * LIMIT] * 2
    assert np.isnan(grown.scores[1:]).all()
    assert (grown.leaked.tolist(), grown.asked.tolist()) == ([0] * 3, [True, False, False])
