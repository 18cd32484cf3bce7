"""Interactions, vocabularies and histories against plain-Python references."""

import tracemalloc
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from pyarrow import parquet

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.loading import load
from engine.data.metadata import Categories, Metadata, categories
from engine.data.sorting import by_time_within, in_order, oldest_first
from engine.data.training_data import TrainingData
from engine.ground.errors import DataError
from engine.ground.histories import Histories, Recency
from engine.ground.vocabulary import factorise, lookup
from tests.engine.support.files import NOW, clock, written

Event = tuple[str, str, int, int]
IDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
FEW = st.sampled_from(["a", "b", "c", "dd"])
EVENTS = st.lists(st.tuples(FEW, FEW, st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=30)


def interactions_of(events: list[Event]) -> Interactions:
    users, items, times, weights = zip(*events, strict=True)
    return Interactions.from_columns(users, items, times, weights)


@given(st.lists(IDS, max_size=40))
def test_factorising_gives_sorted_distinct_ids_and_codes_that_lead_back(values: list[str]) -> None:
    ids, codes = factorise(values)
    assert ids.tolist() == sorted(set(values))
    assert [ids[code] for code in codes] == values


@given(st.lists(IDS, max_size=20), st.lists(IDS, max_size=20))
def test_looking_up_finds_what_is_there_and_nothing_else(known: list[str], wanted: list[str]) -> None:
    ids, _ = factorise(known)
    codes = lookup(ids, wanted)
    assert [ids[code] if code >= 0 else None for code in codes] == [
        value if value in set(known) else None for value in wanted
    ]


def test_an_id_longer_than_all_known_ones_is_not_mistaken_for_its_beginning() -> None:
    ids, _ = factorise(["ab", "cd"])
    assert lookup(ids, ["abc", "cd"]).tolist() == [-1, 1]


@given(EVENTS)
def test_distinct_pairs_keep_the_newest_time_and_combine_the_weights(events: list[Event]) -> None:
    expected: dict[tuple[str, str], tuple[int, int, int]] = {}
    for user, item, time, weight in events:
        newest, strongest, total = expected.get((user, item), (0, 0, 0))
        expected[user, item] = (max(newest, time), max(strongest, weight), total + weight)
    whole = interactions_of(events)
    strong, summed = whole.distinct("max"), whole.distinct("sum")
    rows = zip(strong.users, strong.items, strong.times, strong.weights, summed.weights, strict=True)
    found = {(whole.user_ids[u], whole.item_ids[i]): (t, w, s) for u, i, t, w, s in rows}
    assert found == expected


@given(EVENTS)
def test_histories_run_from_the_oldest_to_the_newest_item(events: list[Event]) -> None:
    whole = interactions_of(events)
    newest: dict[tuple[str, str], int] = {}
    for user, item, time, _ in events:
        newest[user, item] = max(newest.get((user, item), 0), time)
    histories = whole.histories()
    for row, user in enumerate(whole.user_ids):
        mine = histories.slice(row, row + 1).items
        times = [newest[user, whole.item_ids[item]] for item in mine]
        assert all(a <= b for a, b in pairwise(times))
        assert len(mine) == len({item for who, item in newest if who == user})


@given(EVENTS)
def test_the_matrix_holds_the_strongest_weight_of_each_pair(events: list[Event]) -> None:
    whole = interactions_of(events)
    dense = np.zeros(whole.shape, np.float32)
    np.maximum.at(dense, (whole.users, whole.items), whole.weights)
    assert np.array_equal(whole.csr().toarray(), dense)


ROWS = st.lists(st.lists(st.integers(0, 6), max_size=6, unique=True), min_size=1, max_size=6)


@given(ROWS, st.data())
def test_taking_rows_follows_the_asked_order_and_leaves_negative_ones_empty(
    rows: list[list[int]], data: st.DataObject
) -> None:
    wanted = data.draw(st.lists(st.integers(-1, len(rows) - 1), max_size=8))
    taken = Histories.of(rows).take(np.array(wanted, np.int32))
    found = [taken.slice(row, row + 1).items.tolist() for row in range(len(taken))]
    assert found == [rows[at] if at >= 0 else [] for at in wanted]


@given(ROWS, st.data())
def test_newer_items_go_to_the_end_and_repeats_move_there(rows: list[list[int]], data: st.DataObject) -> None:
    newer = [data.draw(st.lists(st.integers(0, 6), max_size=4, unique=True)) for _ in rows]
    joined = Histories.of(rows).joined(Histories.of(newer))
    found = [joined.slice(row, row + 1).items.tolist() for row in range(len(rows))]
    expected = [[i for i in old if i not in new] + new for old, new in zip(rows, newer, strict=True)]
    assert found == expected


def test_recency_counts_the_newest_item_whole_and_halves_towards_the_floor() -> None:
    weighed = Recency(half_life=1, floor=0.2).weigh(Histories.of([[1, 2, 3], [], [4]]))
    assert weighed.weights.tolist() == pytest.approx([0.4, 0.6, 1.0, 1.0])


@given(st.lists(st.lists(st.integers(0, 2), max_size=5).map(sorted), min_size=1, max_size=4), st.floats(0, 1))
def test_what_is_of_one_visit_counts_the_mean_over_all_orders_of_it(
    moments: list[list[int]], floor: float
) -> None:
    recency = Recency(half_life=1.5, floor=floor)
    rows = [[100 * row + place for place in range(len(own))] for row, own in enumerate(moments)]
    visits = np.array([moment for own in moments for moment in own], np.int32)
    found = recency.weigh(replace(Histories.of(rows), visits=visits))
    for row, own in enumerate(moments):
        places = np.arange(len(own))
        orders = [np.array(order, np.intp) for order in permutations(places)]
        allowed = [order for order in orders if (np.diff(np.array(own)[order]) >= 0).all()]
        counted = np.zeros(len(own))
        for order in allowed:
            counted[order] += floor + (1 - floor) * 2.0 ** (-places[::-1] / 1.5)
        alone = recency.weigh(replace(Histories.of([rows[row]]), visits=np.array(own, np.int32)))
        assert alone.weights.tolist() == pytest.approx((counted / len(allowed)).tolist())
        assert found.slice(row, row + 1).weights.tolist() == pytest.approx(alone.weights.tolist())


def test_histories_have_visits_where_something_has_the_same_second() -> None:
    apart = Interactions.from_columns(["a", "a", "b"], ["x", "y", "x"], [1, 2, 2])
    together = Interactions.from_columns(["a", "a", "a", "b"], ["x", "y", "z", "x"], [1, 2, 2, 2])
    assert apart.histories().visits is None
    assert together.histories().clock.tolist() == [1, 2, 2, 3]


def test_newer_items_are_a_visit_after_those_of_the_history() -> None:
    old = replace(Histories.of([[0, 1, 2], [3]]), visits=np.array([1, 2, 2, 3], np.int32))
    joined = old.joined(Histories.of([[5, 1], [4]]))
    assert joined.items.tolist() == [0, 2, 5, 1, 3, 4]
    assert joined.clock.tolist() == [1, 2, 3, 4, 3, 4]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ((["u"], ["i", "j"], [1], None), "differ in length"),
        ((["u"], [""], [1], None), "empty item id"),
        ((["u"], ["i"], [float("nan")], None), "NaN"),
        ((["u"], ["i"], [1], [-1.0]), "negative"),
        ((["u"], ["i"], [1], [float("nan")]), "finite"),
        ((["u"], ["i"], ["yesterday"], None), "numbers"),
        ((["u"], ["i"], [1e300], None), "epoch seconds"),
    ],
)
def test_unusable_columns_are_refused_with_the_reason(
    columns: tuple[list[str], list[str], ArrayLike, ArrayLike | None], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        Interactions.from_columns(*columns)


def test_no_rows_at_all_are_a_valid_empty_table() -> None:
    empty = Interactions.from_columns([], [], [])
    assert (len(empty), empty.shape, len(empty.histories())) == (0, (0, 0), 0)


def test_a_part_of_the_data_keeps_the_ids_of_the_whole() -> None:
    whole = Interactions.from_columns(["a", "b"], ["x", "y"], [1, 2])
    part = whole.where(np.array([True, False]))
    assert part.shape == whole.shape
    assert part.histories().lengths.tolist() == [1, 0]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**52)), min_size=1), st.booleans())
def test_packed_sorting_is_a_stable_sort_however_many_bits_it_needs(
    rows: list[tuple[int, int]], wide: bool
) -> None:
    users = np.sort(np.array([user for user, _ in rows], np.int32)) * (2**28 if wide else 1)
    times = np.array([time for _, time in rows], np.int64) // (1 if wide else 2**50)
    keys, order = in_order(times)
    assert order.tolist() == np.argsort(times, kind="stable").tolist()
    assert keys.tolist() == sorted(times.tolist())
    if not wide:
        assert by_time_within(users, times).tolist() == np.lexsort((times, users)).tolist()


def test_times_far_apart_are_sorted_all_the_same() -> None:
    users, times = np.array([0, 0, 2**20, 2**20], np.int32), np.array([2**52, 5, 2**52, 2**51])
    assert by_time_within(users, times).tolist() == [1, 0, 3, 2]


def test_generated_data_is_the_same_for_the_same_seed_and_repeats_itself() -> None:
    one, same, other = (generated(50, 20, 500, seed=seed).interactions for seed in (4, 4, 5))
    assert np.array_equal(one.items, same.items)
    assert not np.array_equal(one.items, other.items)
    assert len(one.distinct()) < len(one)


def test_one_long_cell_costs_its_own_length_and_not_that_of_every_row(tmp_path: Path) -> None:
    count = 2_000
    ids = [f"i{at}" for at in range(count)]
    events = written(tmp_path / "e.csv", {"USER_ID": ids, "ITEM_ID": ids, "TIMESTAMP": [str(NOW)] * count})

    def peak(longest: str) -> int:
        texts = [longest, *(f"{at % 7} red shoe" for at in range(1, count))]
        columns = {"ITEM_ID": ids, "TEXT": texts, "KIND": texts, "SHOP": [text[:9] for text in texts]}
        path = written(tmp_path / "items.csv", columns)
        tracemalloc.start()
        try:
            load(events, items=path, text=["TEXT"], clock=clock)
            parquet.write_table(pyarrow.table(columns), tmp_path / "items.parquet")
            load(events, items=tmp_path / "items.parquet", text=["TEXT"], clock=clock)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak("short")  # what is imported for the first time
    assert peak("long " * 4_000) < peak("short") + 40 * 20_000


def test_an_id_in_memory_is_limited_and_a_long_question_costs_its_own_length() -> None:
    with pytest.raises(DataError, match="257 characters in the column of user ids"):
        Interactions.from_columns(["u" * 257], ["i"], [NOW])
    with pytest.raises(DataError, match="NUL character in the column of item ids"):
        Interactions.from_columns(["u"], ["i\0"], [NOW])
    ids = np.array([f"i{at}" for at in range(10)])
    tracemalloc.start()
    found = lookup(ids, ["i3", "i3\0", "x" * 100_000, *["i4"] * 1_000])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found[:4].tolist() == [3, -1, -1, 4]
    assert peak < 1_000_000


def test_long_categories_stay_apart() -> None:
    same, other = "a" * 5_000, "a" * 4_999 + "b"
    data = Metadata.of(["x", "y", "z"], {"KIND": categories([same, other, same])})
    events = Interactions.from_columns(["u"], ["x"], [NOW])
    column = TrainingData.of(events, data).need_items().columns["KIND"]
    assert isinstance(column, Categories)
    assert column.codes.items.tolist()[0] == column.codes.items.tolist()[2] != column.codes.items.tolist()[1]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 2)), max_size=30, unique=True),
    st.integers(0, 3),
    st.booleans(),
)
def test_rows_go_by_user_then_time_then_chance_in_whatever_order_they_come(
    pairs: list[tuple[int, int]], ties: int, sort: bool
) -> None:
    rows = [(user, moment, item) for item, (user, moment) in enumerate(pairs)]
    rows += [(user, moment, 100 + item) for user, moment, item in rows[:ties]]
    came = sorted(rows) if sort else rows
    users, moments, items = (np.array([row[at] for row in came], np.int64) for at in range(3))
    order = oldest_first(users.astype(np.int32), items.astype(np.int32), moments)
    found = [came[at] for at in order]
    again = np.random.default_rng(0).permutation(len(came))
    shuffled = oldest_first(users[again].astype(np.int32), items[again].astype(np.int32), moments[again])
    assert [row[:2] for row in found] == sorted(row[:2] for row in rows)
    assert found == [came[again[at]] for at in shuffled]
