"""Both products of the regression of the next item, against F and Y written down row by row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.models.decayed_counts import Block, counted

ITEMS = 6
event = st.tuples(
    st.integers(0, 3), st.integers(0, ITEMS - 1), st.integers(0, 9), st.sampled_from([0.0, 0.5, 1.0, 2.0])
)


def block(half_life: float, first: int, kept: list[int]) -> Block:
    place = np.full(ITEMS, -1, np.int32)
    place[kept] = np.arange(len(kept))
    return Block(half_life, first, np.array(kept, np.int32), place)


def written_down(pairs: Interactions, blocks: list[Block]) -> tuple[np.ndarray, np.ndarray]:
    size = blocks[-1].first + len(blocks[-1].items)
    products, targets = np.zeros((size, size)), np.zeros((ITEMS, size))
    for user in range(len(pairs.user_ids)):
        own = pairs.where(pairs.users == user)
        for now in range(len(own) - 1):
            row = np.zeros(size)
            for one in blocks:
                for age in range(now + 1):
                    feature = one.place[own.items[now - age]]
                    counts = 2 ** (-age / one.half_life) * own.weights[now - age]
                    if feature >= 0:
                        row[one.first + feature] += counts
                    for older, newer, share in _directions(own, now - age, now + 1):
                        if one.place[own.items[older]] >= 0:
                            value = share * counts * own.weights[now + 1]
                            targets[own.items[newer], one.first + one.place[own.items[older]]] += value
            products += np.outer(row, row)
    return products, targets


def _directions(own: Interactions, older: int, newer: int) -> list[tuple[int, int, float]]:
    """What follows what, and with which share: in one second half in each direction."""
    if own.times[older] == own.times[newer]:
        return [(older, newer, 0.5), (newer, older, 0.5)]
    return [(older, newer, 1.0)]


@given(st.lists(event, min_size=1, max_size=40), st.floats(0.6, 10_000), st.permutations(range(ITEMS)))
def test_counts_are_those_of_every_row_written_down(
    events: list[tuple[int, int, int, float]], half_life: float, order: list[int]
) -> None:
    users, items, times, weights = zip(*events, strict=True)
    known = [f"i{item}" for item in range(ITEMS)]
    pairs = Interactions.from_columns(
        [f"u{user}" for user in users], [known[at] for at in items], times, weights
    )
    pairs = pairs.with_ids(items=np.array(known)).in_time()
    longest = int(np.bincount(pairs.users).max())
    blocks = [block(half_life, 0, list(range(ITEMS))), block(1.0, ITEMS, sorted(order[:3]))]
    if any(one.lags < longest - 1 for one in blocks):  # then what is fainter than a thousandth is left out
        tolerance = 0.02
    else:
        tolerance = 1e-4
    products, targets = counted(pairs, blocks)
    expected = written_down(pairs, blocks)
    assert products + products.T == pytest.approx(expected[0], rel=1e-3, abs=tolerance)
    assert targets == pytest.approx(expected[1], rel=1e-3, abs=tolerance)


def test_a_second_block_with_a_larger_decay_is_counted_on_the_same_rows() -> None:
    pairs = Interactions.from_columns(["u"] * 5, [f"i{at}" for at in (0, 1, 2, 0, 5)], range(5))
    pairs = pairs.with_ids(items=np.array([f"i{item}" for item in range(ITEMS)])).in_time()
    blocks = [block(6.0, 0, list(range(ITEMS))), block(1.0, ITEMS, [0, 5])]
    products, _ = counted(pairs, blocks)
    first, second = 2 ** (-1 / 6), 0.5
    assert (products + products.T)[ITEMS, 0] == pytest.approx(
        1 + first * second + first**2 * second**2 + (1 + first**3) * (1 + second**3), rel=1e-5
    )
