"""The protocols of splitting, row by row, and figures that follow from their definitions."""

from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.evaluation.offline_metrics import documented
from engine.evaluation.protocols import (
    PROTOCOLS,
    global_time,
    leave_last_out,
    personalize,
    random_holdout,
    repeated,
    split,
    strong,
)
from engine.evaluation.sampled_metrics import sampled
from engine.evaluation.segments import segment_quality
from engine.evaluation.significance import paired
from engine.evaluation.splits import Holdout
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import DataError
from engine.ground.histories import Histories
from engine.serving.trained_model import Model

PEOPLE, EACH = 40, 20


@dataclass(frozen=True)
class FixedScores:
    """In the place of a model: users x items, whatever the histories are."""

    given: Floats

    @property
    def item_ids(self) -> range:
        return range(self.given.shape[1])

    def scores(self, histories: Histories, users: Codes) -> Floats:
        return self.given[users]


def fixed(scores: list[list[float]]) -> Model:
    return cast(Model, FixedScores(np.array(scores, np.float32)))


@pytest.fixture(scope="module")
def events() -> Interactions:
    """Every user has EACH items of 200; the times of all events differ."""
    rng = np.random.default_rng(3)
    items = np.concatenate([rng.permutation(200)[:EACH] for _ in range(PEOPLE)])
    users = np.repeat(np.arange(PEOPLE), EACH)
    return Interactions.from_columns(users.astype(str), items.astype(str), rng.permutation(len(users)))


def held(holdout: Holdout) -> int:
    return len(holdout.relevant.items)


def test_each_protocol_holds_back_the_share_that_it_says(events: Interactions) -> None:
    whole = PEOPLE * EACH
    assert held(random_holdout(events)) == whole // 4
    assert held(leave_last_out(events)) == PEOPLE
    by_moment = global_time(events)
    assert held(by_moment) == whole // 10 and len(by_moment.train) == whole - whole // 10
    assert by_moment.train.times.max() < whole - whole // 10
    unseen = strong(events)
    assert len(unseen.users) == PEOPLE // 5 and held(unseen) == PEOPLE // 5 * EACH // 5
    assert set(unseen.users.tolist()) == {-1}
    assert len(unseen.train) == (PEOPLE - PEOPLE // 5) * EACH


def test_chance_follows_the_seed_and_time_does_not(events: Interactions) -> None:
    for protocol in PROTOCOLS:
        first, same, other = (split(events, protocol, seed=seed) for seed in (1, 1, 2))
        assert np.array_equal(first.relevant.items, same.relevant.items)
        by_chance = protocol in ("random", "strong", "personalize")
        assert np.array_equal(first.relevant.items, other.relevant.items) is not by_chance, protocol


def test_without_more_words_a_split_is_of_distinct_pairs_and_drawn_from_seed_nought(
    events: Interactions,
) -> None:
    again = Interactions.from_columns(
        *([column[each] for each in (*range(len(events)), *range(9))] for column in columns_of(events))
    )
    for protocol in PROTOCOLS:
        first, plain, drawn = (
            split(again, protocol),
            next(repeated(again, protocol, users=1, most=1)),
            split(again, protocol, seed=0, repeats=False),
        )
        for usual in (first, plain):
            assert np.array_equal(usual.relevant.items, drawn.relevant.items), protocol
            assert len(usual.train) == len(drawn.train) < len(split(again, protocol, repeats=True).train)
    for cut in (random_holdout, strong, personalize):
        assert np.array_equal(cut(events).relevant.items, cut(events, 0).relevant.items)


def columns_of(events: Interactions) -> tuple[list[str], list[str], list[int]]:
    users = [events.user_ids[user] for user in events.users]
    return users, [events.item_ids[item] for item in events.items], events.times.tolist()


def test_splits_are_repeated_until_enough_people_were_asked(events: Interactions) -> None:
    def asked(users: int, most: int = 9) -> list[int]:
        return [
            len(each.users) for each in repeated(events, "leave-last-out", seed=0, users=users, most=most)
        ]

    assert asked(PEOPLE) == [PEOPLE]
    assert asked(PEOPLE + 1) == [PEOPLE, PEOPLE]
    assert asked(2 * PEOPLE) == [PEOPLE, PEOPLE]
    assert asked(10**9, most=3) == [PEOPLE] * 3


def test_by_time_each_split_is_of_what_the_one_before_trained_on_and_by_chance_of_everything(
    events: Interactions,
) -> None:
    rolling = list(repeated(events, "leave-last-out", seed=0, users=10**9, most=4))
    assert [len(each.train) for each in rolling] == [PEOPLE * (EACH - n) for n in (1, 2, 3, 4)]
    anew = list(repeated(events, "random", seed=0, users=10**9, most=3))
    assert len({len(each.train) for each in anew}) == 1
    assert all(not np.array_equal(one.relevant.items, other.relevant.items) for one, other in pairwise(anew))


def test_a_series_ends_where_nothing_is_left_and_only_its_first_split_is_refused() -> None:
    two_each = Interactions.from_columns(["a", "a"], ["x", "y"], [1, 2])
    assert len(list(repeated(two_each, "leave-last-out", users=99, most=9))) == 1
    alone = Interactions.from_columns(["a"], ["x"], [1])
    with pytest.raises(DataError):
        list(repeated(alone, "leave-last-out", users=99, most=9))


def test_users_with_one_event_or_with_nothing_new_are_not_asked() -> None:
    data = Interactions.from_columns(
        ["one", "two", "two", "back", "back"], ["x", "x", "y", "x", "x"], [1, 2, 3, 4, 5]
    )
    given = data.where(np.array([True, True, False, True, False]))
    holdout = Holdout.of(given, given, data.where(np.array([False, False, True, False, True])))
    assert [data.user_ids[user] for user in holdout.users] == ["two"]
    assert holdout.inputs.items.tolist() == [given.items[1]] and held(holdout) == 1


def asked_with(scores: list[list[float]], history: list[list[int]], wanted: list[list[int]]) -> Holdout:
    items = len(scores[0])
    train = Interactions.from_columns(
        [str(user) for user in range(len(scores)) for _ in range(items)],
        [str(item) for _ in scores for item in range(items)],
        list(range(items * len(scores))),
    )
    users = np.arange(len(scores), dtype=np.int32)
    return Holdout(train, users, Histories.of(history), Histories.of(wanted))


def test_sampled_metrics_count_the_rivals_that_score_as_much_among_as_many_as_asked_for() -> None:
    scores = [[9.0, 5.0, 5.0, 7.0, 1.0, 1.0], [3.0, 2.0, 2.0, 2.0, 2.0, 1.0]]
    holdout = asked_with(scores, [[0], [5]], [[1], [0]])
    hits = sampled(fixed(scores), holdout, negatives=4)
    # Of the first, 3 is better, 2 as good, 4 and 5 are not; 0 was touched and is no rival.
    assert [hits.hit_rate(k).tolist() for k in (1, 2, 3)] == [[0, 1], [0, 1], [1, 1]]
    # With more wanted than there are, those that are left all take part.
    more = sampled(fixed(scores), holdout, negatives=5)
    assert [more.hit_rate(k).tolist() for k in (2, 3)] == [[0, 1], [1, 1]]


def test_without_saying_how_many_a_hundred_items_compete() -> None:
    items = 400
    better = np.zeros((300, items))
    better[:, 1 : items // 2] = 1.0
    holdout = asked_with(better.tolist(), [[399]] * 300, [[0]] * 300)
    # Half of the rivals beat the wanted item, the other half ties: it is the last of 1 + 99.
    hits = sampled(fixed(better.tolist()), holdout)
    assert hits.hit_rate(99).max() == 0 and hits.hit_rate(100).min() == 1


def test_the_documented_metrics_end_at_place_25() -> None:
    data = asked_with([[0.0] * 40] * 2, [[39], [39]], [[24], [25]])
    lists = np.tile(np.arange(30, dtype=np.int32), (2, 1))
    metrics = documented(lists, data)
    assert metrics["mean_reciprocal_rank_at_25"] == pytest.approx((1 / 25 + 0) / 2)
    assert metrics["precision_at_25"] == pytest.approx((1 / 25 + 0) / 2)


def test_a_segment_leaves_out_who_has_the_item_and_counts_who_took_it_later() -> None:
    people, items = 300, 3
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(people), items)
    codes = np.concatenate([rng.permutation(items) for _ in range(people)])
    data = Interactions.from_columns(users.astype(str), codes.astype(str), np.arange(people * items))
    later = {
        item: {int(users[at]) for at in range(2, people * items, 3) if codes[at] == item} for item in range(3)
    }

    def oracle(train: Interactions) -> object:
        def wanted(some: Codes) -> Floats:
            item = int(train.item_ids[some[0]])
            # Everybody who has it already would come first.
            return np.array([1.0 if int(name) in later[item] else 2.0 for name in train.user_ids], np.float64)

        return wanted

    quality = segment_quality(data, oracle)  # type: ignore[arg-type]
    assert quality.hits == 3
    assert quality.recall == pytest.approx(np.mean([3 / len(found) for found in later.values()]))


def test_a_difference_that_is_never_smaller_by_chance_has_the_least_p_and_one_of_nothing_has_1() -> None:
    users = np.ones(200)
    assert paired(users * 2, users, draws=1000).p_value == pytest.approx(1 / 1001)
    assert paired(users, users, draws=1000).p_value == 1
    few = paired(np.array([1.0, 1.0]), np.zeros(2), draws=10_000)
    # Of the four ways to flip two signs two are as extreme: 1/2.
    assert few.p_value == pytest.approx(0.5, abs=0.03)
