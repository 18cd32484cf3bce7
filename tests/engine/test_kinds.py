"""Models of other questions than what to recommend whom: trends, texts, segments, actions, second aims."""

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.metadata import Metadata, words
from engine.data.training_data import TrainingData
from engine.evaluation.segments import segment_quality
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import Histories
from engine.models import popularity, propensity, semantic, trending
from engine.models.propensity import ActionEvents, PropensityConfig, samples_of
from engine.models.semantic import SemanticConfig
from engine.models.trending import TrendingConfig
from engine.scorers.objective import ObjectiveScorer
from engine.scorers.propensity import REFUSED, TAKEN

DAY = 86_400


def events(rows: list[tuple[str, str, int]]) -> Interactions:
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times)


def test_growth_counts_against_what_chance_would_do() -> None:
    rows = [(f"u{n}", "doubled", 50 + n % 40) for n in range(40)]
    rows += [(f"u{n}", "doubled", 150 + n % 40) for n in range(80)]
    rows += [(f"u{n}", "two after none", 150) for n in range(2)]
    rows += [(f"u{n}", "halved", 50) for n in range(40)] + [(f"u{n}", "halved", 150) for n in range(20)]
    model = trending.fit(events([*rows, ("u", "halved", 199)]), TrendingConfig(seconds=100))
    order = model.item_ids[np.argsort(-model.scores(Histories.empty(1))[0])].tolist()
    assert order == ["doubled", "two after none", "halved"]


def test_a_trend_that_goes_on_is_foreseen_and_one_that_turns_is_not() -> None:
    growing = [(f"u{n}", "a", span * 100 + n) for span in range(4) for n in range(span * 20)]
    other = [(f"u{n}", f"b{item}", span * 100) for span in range(4) for item in range(40) for n in range(3)]
    goes_on = events([*growing, *other, ("u", "b0", 399)])
    assert trending.trend_accuracy(goes_on, TrendingConfig(seconds=100)) > 0.9
    turned = [(user, "late" if time >= 300 else item, time) for user, item, time in growing]
    turns = events([*turned, *other, ("u", "b0", 399)])
    assert trending.trend_accuracy(turns, TrendingConfig(seconds=100)) < 0.1
    with pytest.raises(ConfigError):
        TrendingConfig(seconds=0)


def test_texts_without_a_word_in_common_are_alike_through_others() -> None:
    topics = [[f"t{topic}w{n}" for n in range(12)] for topic in range(4)]
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(topics[item % 4], 5, replace=False)) for item in range(200)]
    ids = np.array([f"i{n:03}" for n in range(200)])
    nobody = Interactions.from_columns([], [], [])
    data = TrainingData.of(nobody, Metadata(ids, {"TEXT": words(texts)}))
    model = semantic.fit(data, SemanticConfig(factors=4))
    likeness = model.scorer.similar(np.arange(200, dtype=np.int32))
    same = np.arange(200)[:, None] % 4 == np.arange(200) % 4
    strangers = np.array([[not set(a.split()) & set(b.split()) for b in texts] for a in texts])
    assert likeness[same & strangers].min() > likeness[~same].max()


def test_segments_are_judged_by_who_came_later() -> None:
    rows = [(f"u{user}", f"i{item}", item) for user in range(200) for item in range(5 + user % 3)]
    pairs = events(rows).distinct()

    def knowing(train: Interactions):  # type: ignore[no-untyped-def]
        later = {(u, i) for u, i in zip(pairs.users.tolist(), pairs.items.tolist(), strict=True)} - {
            (u, i) for u, i in zip(train.users.tolist(), train.items.tolist(), strict=True)
        }

        def wanted(items: Codes) -> Floats:
            return np.array(
                [any((u, i) in later for i in items.tolist()) for u in range(len(pairs.user_ids))], np.float32
            )

        return wanted

    perfect = segment_quality(pairs, knowing)
    useless = segment_quality(pairs, lambda train: lambda items: -knowing(train)(items))
    assert perfect.hits == 2, "a percent of 200 users"
    assert perfect.recall > 0
    assert useless.hits < perfect.hits and useless.recall < perfect.recall
    with pytest.raises(DataError):
        segment_quality(events([("u", "i", 1)]).distinct(), knowing)


@pytest.mark.parametrize(("people", "found"), [(10, 1), (149, 1), (151, 2)])
def test_a_segment_is_a_percent_of_the_people_and_somebody_at_least(people: int, found: int) -> None:
    pairs = events([(f"u{user}", f"i{item}", item) for user in range(people) for item in range(2)]).distinct()

    everybody = segment_quality(pairs, lambda train: lambda items: np.ones(people, np.float32))

    assert everybody.hits == found, "all of them took the second item later"


def test_of_many_targets_five_hundred_are_asked_for_chosen_by_the_seed() -> None:
    rows = [(f"u{user}", f"i{user}-{item}", item) for user in range(501) for item in range(2)]
    pairs = events(rows).distinct()

    def asked(seed: int | None) -> list[int]:
        items: list[int] = []

        def wanted(some: Codes) -> Floats:
            items.extend(some.tolist())
            return np.ones(501, np.float32)

        if seed is None:
            segment_quality(pairs, lambda train: wanted)
        else:
            segment_quality(pairs, lambda train: wanted, seed=seed)
        return items

    first = asked(0)
    assert len(first) == len(set(first)) == 500 and first == sorted(first)
    assert asked(None) == first != asked(1)


def taken_by_chance(chances: dict[str, float], users: int = 2000) -> ActionEvents:
    rng = np.random.default_rng(1)
    actions = sorted(chances)
    codes = np.tile(np.arange(len(actions), dtype=np.int32), users)
    people = np.repeat(np.arange(users, dtype=np.int32), len(actions))
    likely = np.array([chances[action] for action in actions])[codes]
    return ActionEvents(
        np.array([f"u{user:04}" for user in range(users)]),
        np.array(actions),
        people,
        codes,
        np.full(len(codes), 40 * DAY),
        rng.random(len(codes)) < likely,
    )


def test_chances_are_those_of_the_data_and_rare_actions_have_none() -> None:
    shown = taken_by_chance({"often": 0.8, "seldom": 0.1, "hardly": 0.01})
    config = PropensityConfig(least=50)
    none = np.empty(0, np.int32)
    nothing = Interactions(
        shown.user_ids, np.array(["x"]), none, none, none.astype(np.int64), none.astype(np.float32)
    )
    model = propensity.fit(nothing, shown, samples_of(shown, config), config)
    found = dict(
        zip(model.item_ids.tolist(), model.scorer.scores(Histories.empty(1), np.array([-1]))[0], strict=True)
    )
    assert found["hardly"] == 0
    assert found["often"] == pytest.approx(0.8, abs=0.1)
    assert found["seldom"] == pytest.approx(0.1, abs=0.06)
    own = Histories(np.array([0, 1]), np.array([1], np.int32), np.array([TAKEN]))
    refused = Histories(np.array([0, 1]), np.array([1], np.int32), np.array([REFUSED]))
    scores = [model.scorer.scores(history, np.array([-1]))[0][1] for history in (own, refused)]
    assert scores[0] == scores[1], "what became of an action says nothing of itself, only of the others"


def test_an_action_is_taken_only_within_the_period_and_old_events_are_left_out() -> None:
    def shown(first: int, then: int, newest: int) -> ActionEvents:
        return ActionEvents(
            np.array(["u", "v"]),
            np.array(["a"]),
            np.array([0, 0, 1], np.int32),
            np.zeros(3, np.int32),
            np.array([first, then, newest]) * DAY,
            np.array([False, True, False]),
        )

    config = PropensityConfig(period_days=14, window_days=42)
    assert samples_of(shown(10, 20, 30), config).taken.tolist() == [True, False]
    assert samples_of(shown(10, 25, 30), config).taken.tolist() == [False, False]
    assert samples_of(shown(10, 20, 80), config).taken.tolist() == [False]


def test_an_objective_without_strength_changes_nothing_and_a_strong_one_reorders() -> None:
    community = events([(f"u{user}", f"i{item}", 1) for item in range(4) for user in range(9 - item)])
    model = popularity.fit(community, popularity.PopularityConfig())
    aims = np.array([0, 0, 0, 1], np.float32)
    plain = model.scorer.scores(Histories.empty(1), np.array([-1]))
    for strength, best in ((0.0, 0), (9.0, 3)):
        scores = ObjectiveScorer(model.scorer, aims, strength).scores(Histories.empty(1), np.array([-1]))
        assert int(scores.argmax()) == best
        assert np.allclose(scores[:, :3], plain[:, :3])
