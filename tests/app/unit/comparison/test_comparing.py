"""Two generated variants with known differences: measures and verdicts as worked out from definitions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from pipeline.comparison import stored
from pipeline.comparison.compare import compare_variants
from pipeline.errors import InvalidInput, ShardIncomplete
from pipeline.storage import Bucket
from tests.app.support.compared import (
    EARLIER,
    LIMIT,
    RUN,
    USE_CASE,
    A,
    B,
    World,
    comparing,
    datasets,
    event,
    track,
)
from tests.app.support.compared_shop import (
    COLD,
    DAY,
    EMPTY,
    FAILED,
    HOUR,
    ITEMS,
    LEAKED,
    NEVER,
    PEOPLE,
    SHORT,
    Lists,
    Shop,
)


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.fixture
def compare(bucket: Bucket, shop: Shop) -> Callable[..., dict[str, Any]]:
    """Of the run, with what people have done by then."""

    def compared(run: str = RUN, later: list[tuple[str, str, int]] | None = None, **changes: Any) -> Any:
        variants = World(bucket, shop.own, shop.a, shop.b, run, errors=frozenset({FAILED})).write()
        data = datasets(bucket, [*shop.interactions, *(later or [])], [*ITEMS, *NEVER], run)
        asked = comparing(variants, data, run=run, **changes)
        [found] = compare_variants(bucket, asked, np.random.default_rng(0))
        return found

    return compared


def test_each_measure_of_the_lists_is_as_worked_out(
    compare: Callable[..., dict[str, Any]], shop: Shop, bucket: Bucket
) -> None:
    found = compare()

    everybody = found["segments"]["everybody"]
    a = {person: shop.seen(shop.a, person, FAILED) for person in PEOPLE}
    b = {person: shop.seen(shop.b, person, FAILED) for person in PEOPLE}
    agreed = everybody["agreement"]
    for depth in (5, 10, 25):
        shares = [
            len(set(a[person][:depth]) & set(b[person][:depth]))
            / min(depth, max(len(a[person]), len(b[person])))
            for person in PEOPLE
            if a[person] or b[person]
        ]
        assert agreed[f"overlap@{depth}"] == pytest.approx(np.mean(shares))
    assert found["errorLines"] == {"a": 1, "b": 1}
    assert everybody["a"]["short"] == pytest.approx(1 / 60)
    assert everybody["b"]["short"] == pytest.approx((len(SHORT) + len(EMPTY) + 1) / 60)
    assert everybody["b"]["empty"] == pytest.approx((len(EMPTY) + 1) / 60)
    assert (everybody["a"]["leaked"], everybody["b"]["leaked"]) == (0, pytest.approx(len(LEAKED) / 60))
    touched = {item for _, item, _ in shop.interactions}
    for letter, lists in (("a", a), ("b", b)):
        firsts = [set(one[:10]) for one in lists.values() if one]
        longest = [len(one[:10]) for one in lists.values() if one]
        alike = [
            len(firsts[one] & firsts[other]) / max(longest[one], longest[other])
            for one, other in combinations(range(len(firsts)), 2)
        ]
        assert everybody[letter]["personalisation@10"] == pytest.approx(1 - np.mean(alike))
        assert everybody[letter]["coverage@10"] == len(set().union(*firsts)) / 82
        cold = [item not in touched for one in lists.values() for item in one[:10]]
        assert everybody[letter]["coldItems"] == pytest.approx(np.mean(cold))
    sizes = {name: segment["people"] for name, segment in found["segments"].items()}
    done = [len(own) for own in shop.own.values()]
    assert sizes == {
        "everybody": 60,
        "cold": len(COLD),
        "new": sum(0 < number < 3 for number in done),
        "light": sum(3 <= number < 6 for number in done),
        "heavy": sum(number >= 6 for number in done),
    }
    assert stored.read(bucket, USE_CASE, RUN, A, B) == found


def test_verdicts_and_what_blocks_a_ramp(compare: Callable[..., dict[str, Any]]) -> None:
    found = compare()

    verdicts = {one["measure"]: one["verdict"] for one in found["verdicts"]}
    assert verdicts == {
        "short": "worse",
        "empty": "worse",
        "leaked": "worse",
        "personalisation@10": "better",
        "coverage@10": "better",
        "gini@10": "better",
        "novelty@10": "better",
        "popularity@10": "better",
    }
    assert [block["measure"] for block in found["blocks"]] == ["short", "empty", "leaked"]
    assert [fault["measure"] for fault in found["faultsOfA"]] == ["short", "empty"]
    assert found["after"] == {"reason": "there are no lists of an earlier day yet"}
    assert "Do not ramp own" in found["summary"]


def test_what_people_did_the_day_after_is_held_against_the_lists_of_the_day_before(
    compare: Callable[..., dict[str, Any]], shop: Shop, bucket: Bucket
) -> None:
    """Each likes three items, of which `b` knew: one is taken by themselves, one out of a list, one shown."""
    compare(EARLIER)
    at = int(DAY) + 5 * HOUR
    by_themselves = [(person, shop.liked[person][0], at) for person in PEOPLE]
    out_of_a_list = [(person, shop.liked[person][1], at) for person in PEOPLE[:40]]
    shown_only = [(person, shop.liked[person][2], at) for person in PEOPLE[:30]]
    again = [(person, shop.own[person][0], at) for person in PEOPLE if shop.own[person]]
    too_late = [(person, shop.liked[person][2], int(DAY) + 25 * HOUR) for person in PEOPLE[30:]]
    track(bucket, [event(*one) for one in out_of_a_list])
    track(bucket, [event(person, item, at - 8 * HOUR, type_="impression") for person, item, at in shown_only])

    found = compare(later=[*by_themselves, *out_of_a_list, *shown_only, *again, *too_late])

    after = found["after"]
    assert (after["run"], after["day"]) == (EARLIER, "2026-11-26")

    def hits(lists: Lists, deeds: list[tuple[str, str, int]], depth: int = 10) -> float:
        return float(np.mean([i in shop.seen(lists, p, FAILED)[:depth] for p, i, _ in deeds]))

    for kind, deeds in (("organic", by_themselves), ("fromLists", out_of_a_list)):
        everybody = after[kind]["everybody"]
        assert everybody["people"] == len(deeds)
        for depth in (10, 25):
            rate = everybody["metrics"][f"hit_rate@{depth}"]
            assert rate["a"]["mean"] == pytest.approx(hits(shop.a, deeds, depth))
            assert rate["b"]["mean"] == pytest.approx(hits(shop.b, deeds, depth))
        # of one thing that they could have been told of; what they had already is none
        recall = everybody["metrics"]["recall@10"]["b"]["mean"]
        assert recall == pytest.approx(hits(shop.b, deeds))
    gained = after["organic"]["everybody"]["metrics"]["hit_rate@10"]["difference"]
    assert gained["low"] <= gained["mean"] <= gained["high"]
    assert gained["pValue"] < 0.001
    # whoever had done nothing when the lists were made is cold, whatever came after
    assert after["organic"]["cold"]["people"] == len(COLD)
    assert sum(after["organic"][name]["people"] for name in ("cold", "new", "light", "heavy")) == 60
    precision = after["all"]["everybody"]["metrics"]["precision@10"]["b"]["mean"]
    everything = [*by_themselves, *out_of_a_list, *shown_only, *too_late]
    assert precision == pytest.approx(hits(shop.b, everything) * len(everything) / 60 / 10)
    verdicts = {one["measure"]: one["verdict"] for one in found["verdicts"]}
    assert verdicts["organic:hit_rate@10"] == verdicts["all:ndcg@10"] == "better"


def test_equal_variants_are_not_distinguishable(bucket: Bucket, shop: Shop) -> None:
    found = {}
    for run in (EARLIER, RUN):
        lists = {person: shop.seen(shop.b, person) for person in PEOPLE[15:]}
        own = {person: shop.own[person] for person in PEOPLE[15:]}
        deeds = [(person, shop.liked[person][0], int(DAY) + HOUR) for person in PEOPLE[15:]]
        variants = World(bucket, own, lists, lists, run).write()
        data = datasets(bucket, [*shop.interactions, *deeds], ITEMS, run)
        [found] = compare_variants(bucket, comparing(variants, data, run=run), np.random.default_rng(0))

    assert {one["verdict"] for one in found["verdicts"]} == {"not distinguishable"}
    assert any(one["measure"] == "organic:hit_rate@10" for one in found["verdicts"])
    agreed = found["segments"]["everybody"]["agreement"]
    assert [agreed[name] for name in ("overlap@5", "overlap@25", "rbo", "kendall")] == pytest.approx([1] * 4)
    assert found["blocks"] == found["faultsOfA"] == []


def test_lists_that_are_the_same_for_all_block_a_ramp(bucket: Bucket, shop: Shop) -> None:
    same = {person: ITEMS[:LIMIT] for person in PEOPLE}
    nothing: dict[str, list[str]] = {person: [] for person in PEOPLE}
    variants = World(bucket, nothing, shop.a, same).write()

    [found] = compare_variants(
        bucket,
        comparing(variants, datasets(bucket, shop.interactions, ITEMS)),
        np.random.default_rng(0),
    )

    assert [block["measure"] for block in found["blocks"]] == ["personalisation@10"]


def test_lists_that_belong_to_items_are_compared_without_people(bucket: Bucket, shop: Shop) -> None:
    own = {item: [item] for item in ITEMS}
    lists = {item: ITEMS[at % 20 : at % 20 + LIMIT + 1] for at, item in enumerate(ITEMS)}
    variants = World(bucket, own, lists, lists, member="itemId").write()

    [found] = compare_variants(
        bucket, comparing(variants, datasets(bucket, shop.interactions, ITEMS)), np.random.default_rng(0)
    )

    assert (found["of"], found["people"]) == ("items", len(ITEMS))
    assert found["after"] == {"reason": "lists belong to items, and nobody has them"}
    often = Counter(item for _, item, _ in shop.interactions)
    assert found["segments"]["heavy"]["people"] == sum(often[item] >= 6 for item in ITEMS)
    assert found["segments"]["cold"]["people"] == sum(not often[item] for item in ITEMS)


def test_costs_are_compared_where_they_are_given(bucket: Bucket, shop: Shop) -> None:
    more = {A: {"train_seconds": 3600.0, "cost_usd": 12.0}, B: {"train_seconds": 50.0, "cost_usd": 0.06}}
    variants = World(bucket, shop.own, shop.a, shop.b, more=more).write()

    [found] = compare_variants(
        bucket, comparing(variants, datasets(bucket, shop.interactions, ITEMS)), np.random.default_rng(0)
    )

    assert found["costs"]["a"]["costPer1000"] == pytest.approx(200)
    assert found["costs"]["b"]["costPer1000"] == pytest.approx(1)
    verdicts = {one["measure"]: one["verdict"] for one in found["verdicts"]}
    assert (verdicts["trainSeconds"], verdicts["costPer1000"]) == ("better", "better")
    assert "latencyP99Ms" not in verdicts


def test_earlier_lists_that_are_gone_are_told_and_nothing_else_suffers(
    compare: Callable[..., dict[str, Any]], bucket: Bucket
) -> None:
    compare(EARLIER)
    bucket.client.delete_object(
        Bucket=bucket.name, Key=f"batch/{USE_CASE}/{EARLIER}/{B}/output/shard-00001.jsonl.out"
    )

    found = compare()

    assert "are not there any more" in found["after"]["reason"]
    assert found["verdicts"]


def test_comparing_again_writes_the_same(compare: Callable[..., dict[str, Any]], bucket: Bucket) -> None:
    kept = []
    for _ in range(2):
        compare()
        kept.append([bucket.open(stored.key(USE_CASE, RUN, A, B, kind)).read() for kind in ("json", "html")])

    assert kept[0] == kept[1]


@pytest.mark.parametrize("damage", ["torn", "gone", "a stranger"])
def test_damaged_lists_are_refused_by_name(bucket: Bucket, shop: Shop, damage: str) -> None:
    one, other = World(bucket, shop.own, shop.a, shop.b).write()
    key = f"{other.output_folder}shard-00000.jsonl.out"
    whole = bucket.open(key).read()
    stranger = json.dumps({"input": {"userId": "nobody"}, "output": {"recommendedItems": []}})
    if damage == "gone":
        bucket.client.delete_object(Bucket=bucket.name, Key=key)
    else:
        bucket.write(key, whole[:-20] if damage == "torn" else stranger.encode(), "application/jsonlines")

    with pytest.raises(ShardIncomplete, match="shard-00000"):
        compare_variants(
            bucket,
            comparing((one, other), datasets(bucket, shop.interactions, ITEMS)),
            np.random.default_rng(0),
        )

    assert stored.runs(bucket, USE_CASE) == []


def test_one_variant_alone_is_not_compared(bucket: Bucket, shop: Shop) -> None:
    one, other = World(bucket, shop.own, shop.a, shop.b).write()

    for variants in ((one,), (one, replace(other, variant=A))):
        with pytest.raises(InvalidInput, match="two different"):
            compare_variants(bucket, comparing(variants, ()), np.random.default_rng(0))
