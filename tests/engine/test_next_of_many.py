"""What comes next where items are many: the regression among the popular ones, counts for all other pairs."""

import numpy as np
import pytest

from engine.data.generated import generated
from engine.data.habits import sessions
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits
from engine.evaluation.protocols import split
from engine.fitting import hybrid
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.models import next_item, next_of_many
from engine.models.next_item import NextItemConfig
from engine.models.next_of_many import WINDOW
from engine.models.popularity import PopularityConfig
from engine.scorers.item_item import NeighbourScorer

ITEMS, POPULAR = 12, 5
CONFIG = NextItemConfig(max_items=10, popular=POPULAR, popular_features=POPULAR, strength=1.0)


@pytest.fixture
def data() -> TrainingData:
    """No two events of one second, and no two items as popular."""
    rng = np.random.default_rng(4)
    chances = np.arange(1, ITEMS + 1) / np.arange(1, ITEMS + 1).sum()
    users, items = np.repeat(np.arange(40), 9), rng.choice(ITEMS, 360, p=chances)
    names = [f"i{item:02}" for item in items]
    events = Interactions.from_columns(users.astype(str), names, np.arange(360) * 10)
    return TrainingData(events)


def rows(data: TrainingData, half_life: float) -> tuple[np.ndarray, np.ndarray]:
    """F and Y as they are defined, row by row."""
    features, targets = [], []
    for user in range(len(data.sequence.user_ids)):
        own = data.sequence.items[data.sequence.users == user]
        for now in range(len(own) - 1):
            weights = 2.0 ** (-(now - np.arange(now + 1)) / half_life)
            features.append(np.bincount(own[: now + 1], weights, ITEMS))
            targets.append(np.bincount(own[now + 1 : now + 2], minlength=ITEMS))
    return np.array(features), np.array(targets)


def told(data: TrainingData, config: NextItemConfig) -> np.ndarray:
    """Sources x items, of the first half-life."""
    scorer = next_item.train(data, config).parts[0].scorer
    assert isinstance(scorer, NeighbourScorer)
    table = np.zeros((ITEMS, ITEMS))
    table[scorer.neighbours.rows, scorer.neighbours.items] = scorer.neighbours.weights
    return table


def test_popular_items_speak_for_each_other_as_in_the_regression_of_them(data: TrainingData) -> None:
    f, y = rows(data, CONFIG.half_lives[0])
    popular = np.flatnonzero(data.memory.ranks < POPULAR)
    f, y = f[:, popular], y[:, popular]
    ridge = np.diag(f.T @ f).mean() ** 0.5
    next_ones = f.T @ y
    targets = next_ones + CONFIG.backwards * next_ones.T
    expected = np.linalg.solve(f.T @ f + ridge * np.eye(POPULAR), targets)

    assert told(data, CONFIG)[np.ix_(popular, popular)] == pytest.approx(expected, abs=1e-4)


def test_all_other_pairs_are_the_same_least_squares_one_feature_at_a_time(data: TrainingData) -> None:
    f, _ = rows(data, CONFIG.half_lives[0])
    popular = np.flatnonzero(data.memory.ranks < POPULAR)
    alone = (f**2).sum(axis=0)
    near = np.zeros((ITEMS, ITEMS))
    for user in range(len(data.sequence.user_ids)):
        own = data.sequence.items[data.sequence.users == user]
        for step in range(1, WINDOW + 1):
            decay = 2.0 ** (-(step - 1) / CONFIG.half_lives[0])
            np.add.at(near, (own[:-step], own[step:]), decay)
    expected = near / (alone + alone.mean() ** 0.5)[:, None]
    np.fill_diagonal(expected, 0)
    found = told(data, CONFIG)

    others = np.ones((ITEMS, ITEMS), np.bool_)
    others[np.ix_(popular, popular)] = False
    assert found[others] == pytest.approx(expected[others], abs=1e-4)
    assert (found[others] > 0).any()


def test_of_more_events_than_are_needed_some_people_s_are_taken_whole(
    data: TrainingData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_of_many, "LEARNED", 100)
    part = next_of_many.of_popular(data.sequence, np.array([3, 8], np.int32))

    assert 90 < len(part) <= 100
    whole = np.bincount(data.sequence.users, minlength=40)
    taken = np.bincount(part.users, minlength=40)
    assert set((taken / whole).tolist()) == {0, 1}
    assert part.item_ids[:2].tolist() == data.sequence.item_ids[[3, 8]].tolist()
    assert set(part.items.tolist()) == {0, 1, 2}


def test_it_finds_nearly_as_much_as_the_regression_of_all_items() -> None:
    whole = sessions(4_000, 1_500)
    holdout = split(whole.interactions, "leave-last-out", seed=1, repeats=True)
    train = whole.with_interactions(holdout.train)
    items = len(whole.interactions.item_ids)
    many, all_items = (
        Hits.of(recommended(fit(train, config), holdout, 10), holdout.relevant, items).ndcg(10).mean()
        for config in (NextItemConfig(max_items=1_000, popular=1_000), NextItemConfig())
    )

    assert 0.9 * all_items < many < 1.1 * all_items


def test_a_hybrid_has_it_above_the_limit_too() -> None:
    whole = generated(300, 60, 6_000)
    config = HybridConfig(members=(CONFIG, PopularityConfig()), half_lives=(None,))

    learned, _ = hybrid.learn_with_quality(whole, config)

    assert any(isinstance(one, NextItemConfig) for one in learned.members)
    assert fit(whole, learned).recommend(["u00000001"], 5)
