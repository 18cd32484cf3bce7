"""What comes next by ridge regression: the closed form, summed from pairs, is the regression itself."""

from dataclasses import replace

import numpy as np
import pytest

from engine.data.generated import generated
from engine.data.habits import sessions
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits, Values
from engine.evaluation.protocols import split
from engine.fitting import hybrid
from engine.fitting.algorithms import ALGORITHMS, MemberConfig, fit_member
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.memories import FIRST_HALF_LIVES
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, Recency
from engine.models import next_item
from engine.models.ease import EaseConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.next_item import Counted, NextItemConfig
from engine.models.popularity import PopularityConfig
from engine.scorers.blend import BlendScorer, Part, collapsed
from engine.scorers.item_item import NeighbourScorer

ITEMS = 12


def ordered(*, own_items: bool) -> TrainingData:
    """No two events of one second."""
    rng = np.random.default_rng(4)
    users, items = np.repeat(np.arange(30), 9), rng.integers(0, ITEMS, 270)
    events = Interactions.from_columns(
        users.astype(str), [f"i{item:02}" for item in items], np.arange(270) * 10
    )
    return TrainingData(events, own_items=own_items)


def regression(data: TrainingData, config: NextItemConfig, popular: list[np.ndarray]) -> np.ndarray:
    """Features x items, from F and Y as they are defined, row by row; and both read backwards."""
    f, y = written_down(data, config, popular, backwards=False)
    before, came = written_down(data, config, popular, backwards=True)
    known = np.zeros((f.shape[1], ITEMS), np.bool_)
    for kept, block in zip(popular, np.split(known, [ITEMS]), strict=True):
        block[:, kept] = True
    products = f.T @ f
    ridge = max(config.strength * np.diag(products).mean() ** 0.5, 1)
    targets = f.T @ y + config.backwards * np.where(known, before.T @ came, 0)
    return np.linalg.solve(products + ridge * np.eye(len(products)), targets)


def written_down(
    data: TrainingData, config: NextItemConfig, popular: list[np.ndarray], *, backwards: bool
) -> tuple[np.ndarray, np.ndarray]:
    rows, targets = [], []
    sequence = data.sequence
    for user in range(len(sequence.user_ids)):
        own = sequence.items[sequence.users == user][:: -1 if backwards else 1]
        for now in range(len(own) - 1):
            feature = []
            for half_life, kept in zip(config.half_lives, popular, strict=True):
                ages = now - np.arange(now + 1)
                weights = np.where(ages < np.ceil(half_life * np.log2(1000)), 2.0 ** (-ages / half_life), 0)
                feature.append(np.bincount(own[: now + 1], weights, ITEMS)[kept])
            rows.append(np.concatenate(feature))
            targets.append(np.bincount(own[now + 1 : now + 2], minlength=ITEMS))
    return np.array(rows), np.array(targets)


@pytest.mark.parametrize("own_items", [False, True])
@pytest.mark.parametrize("features", [100, 17])
@pytest.mark.parametrize("backwards", [0.0, 0.4])
def test_counts_taken_lag_by_lag_are_the_regression_itself(
    own_items: bool, features: int, backwards: float
) -> None:
    data = ordered(own_items=own_items)
    config = NextItemConfig(
        half_lives=(6.0, 1.0),
        strength=1.0,
        backwards=backwards,
        neighbours=100,
        features=features,
        least_touches=0,
    )
    popular = [np.arange(ITEMS), np.sort(np.argsort(data.memory.ranks)[: features - ITEMS])]
    expected = regression(data, config, popular)
    for part, block, kept in zip(
        next_item.train(data, config).parts, np.split(expected, [ITEMS]), popular, strict=True
    ):
        weights = np.zeros((ITEMS, ITEMS))
        weights[kept] = block
        assert isinstance(part.scorer, NeighbourScorer)
        assert part.scorer.similar(np.arange(ITEMS, dtype=np.int32)) == pytest.approx(weights, abs=2e-5)


def test_several_settings_from_the_same_counts_are_what_each_alone_is() -> None:
    data, settings = ordered(own_items=True), ((0.5, 0.3), (4.0, 0.0), (0.5, 1.0), (0.5, 0.3))
    counted = next_item.Counted.of(data, NextItemConfig())
    for strength, backwards in settings:
        found = counted.scorer(strength, backwards)
        alone = next_item.train(data, NextItemConfig(strength=strength, backwards=backwards))
        items = np.arange(ITEMS, dtype=np.int32)
        assert found.similar(items) == pytest.approx(alone.similar(items), abs=1e-6)


def test_items_that_few_touched_have_one_feature() -> None:
    data = ordered(own_items=False)
    counts = np.bincount(data.sequence.items, minlength=ITEMS)
    least = int(np.sort(counts)[ITEMS // 2])
    first, second = next_item.train(data, NextItemConfig(strength=1.0, least_touches=least)).parts
    told = [
        (part.scorer.similar(np.arange(ITEMS, dtype=np.int32)) != 0).any(axis=1) for part in (first, second)
    ]
    assert told[0].all()
    assert np.array_equal(told[1], counts >= least)


def test_scores_are_the_decayed_history_times_the_weights() -> None:
    data = ordered(own_items=True)
    config = NextItemConfig(half_lives=(6.0, 1.0), strength=1.0, neighbours=100, least_touches=0)
    weights = regression(data, config, [np.arange(ITEMS)] * 2)
    history = [3, 5, 3, 7]
    scores = next_item.train(data, config).scores(Histories.of([history]), np.array([-1], np.int32))[0]
    expected = sum(
        2.0 ** (-age / half_life) * weights[block * ITEMS + item]
        for block, half_life in enumerate(config.half_lives)
        for age, item in enumerate(reversed(history))
    )
    assert scores == pytest.approx(expected, abs=2e-5)


def test_items_of_the_same_second_follow_each_other_in_both_directions() -> None:
    users = np.repeat(np.arange(40), 2)
    events = Interactions.from_columns(users.astype(str), ["a", "b"] * 40, np.zeros(80))
    a, b = next_item.train(TrainingData(events), NextItemConfig()).similar(np.array([0, 1], np.int32))
    assert a[1] == pytest.approx(b[0], rel=0.35) and min(a[1], b[0]) > 0.1


def test_where_order_tells_something_it_is_ahead_of_members_that_know_nothing_of_it() -> None:
    data = replace(sessions(3_000, 300, seed=2), own_items=False)
    holdout = split(data.interactions, "leave-last-out")
    train = data.with_interactions(holdout.train)

    def quality(config: MemberConfig) -> Values:
        model = fit_member(train, config)
        return Hits.of(recommended(model, holdout, 10), holdout.relevant, len(model.item_ids)).ndcg(10)

    own = quality(NextItemConfig())
    for config in (EaseConfig(), ItemNeighboursConfig(), PopularityConfig()):
        gain = own - quality(config)
        assert gain.mean() > 2 * gain.std() / len(gain) ** 0.5, config


def test_a_hybrid_learns_the_strength_and_serves_the_blocks_beside_the_others() -> None:
    data = replace(sessions(800, 100, seed=3), own_items=False)
    members = (NextItemConfig(), EaseConfig(), PopularityConfig())
    chosen = hybrid.learn(data, HybridConfig(members=members, half_lives=(None, 6.0)))
    [own] = [one for one in chosen.members if isinstance(one, NextItemConfig)]
    assert own.half_lives[0] in (NextItemConfig().half_lives[0], *FIRST_HALF_LIVES)
    assert any(own.strength == pytest.approx(30 * 3.0**step) for step in range(-2, 3))
    scorer = fit(data, chosen).scorer
    assert isinstance(scorer, BlendScorer)
    assert {type(part.scorer).__name__ for part in scorer.parts} <= {
        "NeighbourScorer",
        "ItemItemScorer",
        "PopularityScorer",
    }


@pytest.mark.parametrize(("data", "trainings"), [("order", 3), ("no order", 1)])
def test_it_is_let_go_after_one_training_where_it_adds_nothing(
    data: str, trainings: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = replace(sessions(800, 100, seed=3), own_items=False)
    if data == "no order":
        whole = generated(800, 60, 16_000)
    found: list[NextItemConfig] = []
    of = Counted.of

    def counted(part: TrainingData, config: NextItemConfig) -> Counted:
        found.append(config)
        return of(part, config)

    monkeypatch.setattr(Counted, "of", counted)
    members = (NextItemConfig(), EaseConfig(), PopularityConfig())
    chosen = hybrid.learn_with_quality(whole, HybridConfig(members=members, half_lives=(None, 6.0)))[0]
    assert len(found) in (trainings, max(trainings - 1, 1))  # a third where the first half-life was the best
    assert (trainings > 1) == any(isinstance(one, NextItemConfig) for one in chosen.members)


def test_blocks_of_a_member_are_parts_of_the_blend_by_its_weight() -> None:
    data = ordered(own_items=False)
    alone = next_item.train(data, NextItemConfig(strength=1.0, least_touches=0))
    together = collapsed([Part(0.25, alone), Part(0.0, alone)], ITEMS, dense_items=100)
    histories, users = data.memory.histories, np.arange(30, dtype=np.int32)
    assert together.scores(histories, users) == pytest.approx(0.25 * alone.scores(histories, users), abs=1e-5)
    assert len(together.parts) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_lives": ()},
        {"half_lives": (0.0,)},
        {"strength": 0.0},
        {"backwards": -0.1},
        {"backwards": 1.1},
        {"neighbours": 0},
        {"features": 0},
        {"popular": 0},
        {"least_touches": -1},
    ],
)
def test_settings_that_make_no_regression_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="needs"):
        NextItemConfig(**wrong)  # type: ignore[arg-type]


def test_it_has_a_name_of_its_own() -> None:
    assert ALGORITHMS["next-item"].config is NextItemConfig


@pytest.mark.parametrize("kept", [1, 40])
def test_many_rows_are_scored_as_each_alone_with_few_neighbours_and_with_many(kept: int) -> None:
    rng = np.random.default_rng(5)
    near = [rng.permutation(100)[:kept].tolist() for _ in range(100)]
    weights = rng.normal(size=100 * kept).astype(np.float32)
    scorer = NeighbourScorer(replace(Histories.of(near), weights=weights), Recency(half_life=2.0))
    rows = Histories.of([rng.integers(0, 100, length).tolist() for length in range(40)])
    users = np.full(40, -1, np.int32)
    alone = np.concatenate([scorer.scores(rows.slice(at, at + 1), users[:1]) for at in range(40)])
    assert scorer.scores(rows, users) == pytest.approx(alone, abs=1e-5)
    assert (scorer._table is not None) == (kept > 4)
