"""Caps: how often one value comes among the first items of a list, whatever a model recommends."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InvalidInput, ObjectMissing
from pipeline.lists.batch_input import write_batch_input
from pipeline.lists.caps import Cap, Capping, values_of_items
from pipeline.lists.load import choose, load_recommendations
from pipeline.storage import Bucket
from tests.app.unit.retraining.test_batch_input import AUDIENCE, put_interactions
from tests.app.unit.retraining.test_load import LOAD, TABLE, output, put, stored
from tests.support.pauses import LongestPauses

AUTHOR = Cap(column="AUTHOR", most=2, among=4)
ITEMS = "abcdefghijklmno"


def capping(most: int, among: int, authors: dict[str, list[int]]) -> Capping:
    return Capping([Cap(column="AUTHOR", most=most, among=among)], {"AUTHOR": authors})


def put_items(bucket: Bucket, **authors: str) -> None:
    lines = ["ITEM_ID,AUTHOR,TOPIC", *(f"{item},{author},x" for item, author in authors.items())]
    bucket.write("items.csv", ("\n".join(lines) + "\n").encode(), "text/csv")


def test_what_is_one_too_many_waits_and_the_next_best_takes_its_place() -> None:
    of_one = capping(2, 4, {item: [0] for item in "abcd"})
    assert of_one.best("abcdefg", 7) == ["a", "b", "e", "f", "c", "d", "g"]
    assert of_one.best("abcdefg", 4) == ["a", "b", "e", "f"]


def test_a_cap_never_gives_way_so_that_a_list_may_be_shorter() -> None:
    assert capping(2, 4, {item: [0] for item in "abcde"}).best("abcde", 5) == ["a", "b"]


def test_several_values_of_an_item_count_each_and_an_item_without_one_is_free() -> None:
    both = capping(1, 3, {"a": [0, 1], "b": [1], "c": [0]})
    assert both.best("abcxy", 5) == ["a", "x", "y", "b", "c"]


Authors = st.dictionaries(st.sampled_from(ITEMS), st.lists(st.integers(0, 3), max_size=2, unique=True))
Lists = st.lists(st.sampled_from(ITEMS), max_size=20)


@given(
    authors=Authors, ranked=Lists, most=st.integers(1, 4), among=st.integers(2, 8), limit=st.integers(1, 12)
)
def test_among_the_first_no_value_is_too_often_and_the_rest_is_the_best_that_there_is(
    authors: dict[str, list[int]], ranked: list[str], most: int, among: int, limit: int
) -> None:
    found = capping(most, among, authors).best(ranked, limit)

    assert len(found) == len(set(found)) <= limit and set(found) <= set(ranked)
    counts = Counter(value for item in found[:among] for value in authors.get(item, ()))
    assert max(counts.values(), default=0) <= most
    order = list(dict.fromkeys(ranked))
    # At every place nothing better was left that might have stood there.
    for place, item in enumerate(found):
        before = Counter(value for one in found[:place] for value in authors.get(one, ()))
        better = [one for one in order[: order.index(item)] if one not in found[:place]]
        for one in better:
            assert place < among and any(before[value] >= most for value in authors.get(one, ()))
    # And nothing was left at the end that might have come next.
    if len(found) < limit:
        before = Counter(value for one in found for value in authors.get(one, ()))
        for one in set(order) - set(found):
            assert len(found) < among and any(before[value] >= most for value in authors.get(one, ()))


@given(
    topics=Authors, authors=Authors, ranked=Lists,
    caps=st.tuples(st.integers(1, 3), st.integers(2, 9), st.integers(1, 3), st.integers(2, 9)),
)  # fmt: skip
def test_several_caps_hold_side_by_side(
    topics: dict[str, list[int]],
    authors: dict[str, list[int]],
    ranked: list[str],
    caps: tuple[int, int, int, int],
) -> None:
    both = [Cap(column="A", most=caps[0], among=caps[1]), Cap(column="T", most=caps[2], among=caps[3])]
    values = {"A": authors, "T": topics}

    found = Capping(both, values).best(ranked, 12)

    for cap in both:
        of = values[cap.column]
        counts = Counter(value for item in found[: cap.among] for value in of.get(item, ()))
        assert max(counts.values(), default=0) <= cap.most


@given(
    ranked=Lists, popular=st.lists(st.sampled_from(ITEMS), unique=True), own=Lists, limit=st.integers(1, 10)
)
def test_a_cap_that_nothing_exceeds_changes_no_list(
    ranked: list[str], popular: list[str], own: list[str], limit: int
) -> None:
    each_its_own = capping(1, 10, {item: [at] for at, item in enumerate(ITEMS)})
    assert choose(ranked, popular, own, limit, each_its_own) == choose(ranked, popular, own, limit)


def test_popular_items_fill_up_what_a_cap_leaves_free_and_obey_it_too() -> None:
    of_one = capping(1, 3, {item: [0] for item in "abp"})
    chosen = choose("abc", "pqr", "q", 4, of_one)
    assert (chosen.items, chosen.topped_up, chosen.capped) == (["a", "c", "r", "b"], True, True)


def test_values_that_are_too_rare_to_be_too_many_are_left_out(bucket: Bucket) -> None:
    put_items(bucket, a="Kim|Lee", b="Kim", c="Kim", d="", e="Lee|Lee")

    values = values_of_items(bucket, "items.csv", [AUTHOR, replace(AUTHOR, column="TOPIC")])

    assert {item for item, of in values["AUTHOR"].items() if of} == {"a", "b", "c"}
    assert len({tuple(of) for of in values["AUTHOR"].values()}) == 1
    assert set(values["TOPIC"]) == set("abcde")
    with pytest.raises(InvalidInput, match="no column SHELF"):
        values_of_items(bucket, "items.csv", [replace(AUTHOR, column="SHELF")])


def test_a_run_stores_lists_that_obey_the_caps(bucket: Bucket, dynamodb: Any) -> None:
    put_interactions(bucket, ("u1", "a", "like", 1), ("u2", "b", "view", 2))
    put_items(bucket, **dict.fromkeys("abcd", "Kim"), e="Lee")
    written = write_batch_input(bucket, replace(AUDIENCE, caps=(AUTHOR,), capped_items_key="items.csv"))
    put(bucket, {"u1": [], "u2": ["a"]}, [output("u1", *"abcdef"), output("u2", *"abcef")], ["p1", "p2"])
    load = replace(LOAD, limit=5, caps=(AUTHOR,), values_key=written["valuesKey"])

    counts = load_recommendations(dynamodb, TABLE, bucket, load, sleep=lambda _: None, rng=LongestPauses())

    assert stored(dynamodb) == {"u1": ["a", "b", "e", "f", "c"], "u2": ["b", "c", "e", "f", "p1"]}
    assert (counts.users, counts.capped) == (2, 1)
    bucket.client.delete_object(Bucket=bucket.name, Key=written["valuesKey"])
    with pytest.raises(ObjectMissing, match="what caps go by, is gone: start another run"):
        load_recommendations(dynamodb, TABLE, bucket, load, sleep=lambda _: None, rng=LongestPauses())
