"""What a model answers: new events, rankings, people without a history and items without a likeness."""

from dataclasses import replace

import numpy as np
import pytest

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.metadata import Metadata, categories
from engine.data.training_data import TrainingData
from engine.fitting import configs
from engine.fitting.algorithms import ALGORITHMS
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.ground.errors import DataError
from engine.ground.histories import Histories
from engine.models.ease import EaseConfig
from engine.models.ials import IalsConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.popularity import PopularityConfig
from engine.models.pure_svd import PureSvdConfig
from engine.serving.calibration import Calibration

EVENTS = generated(120, 40, 2_000, seed=7).interactions
DAY = 86_400


def weighing(weight: float) -> Interactions:
    return replace(EVENTS, weights=np.full(len(EVENTS), weight, np.float32))


@pytest.mark.parametrize("scale", [1 / 16, 16.0])
def test_new_events_count_like_those_of_training_whatever_the_scale_of_its_weights(scale: float) -> None:
    config = ItemNeighboursConfig(shrinkage=0)
    plain, scaled = fit(EVENTS, config), fit(weighing(scale), config)
    user = str(EVENTS.user_ids[0])
    recent = {user: ["i000003"], "nobody": ["i000001", "i000002"]}
    for before, after in zip(
        plain.recommend(list(recent), 5, recent=recent),
        scaled.recommend(list(recent), 5, recent=recent),
        strict=True,
    ):
        assert after.item_ids == before.item_ids
        assert after.scores == pytest.approx([score * scale for score in before.scores], rel=1e-4)


def test_a_new_event_weighs_the_median_of_the_positive_weights_and_1_without_any() -> None:
    def usual(weights: list[float]) -> float:
        count = len(weights)
        events = Interactions.from_columns(
            [f"u{at}" for at in range(count)], ["x"] * count, [0] * count, weights
        )
        return fit(events, PopularityConfig()).memory.usual_weight

    assert usual([0, 0, 0, 2, 3, 50]) == 3
    assert usual([0, 0]) == 1
    assert usual([1, 1, 1]) == 1


def test_an_item_that_comes_again_keeps_its_largest_weight() -> None:
    def weighted(rows: list[list[int]], weights: list[float]) -> Histories:
        return replace(Histories.of(rows), weights=np.array(weights, np.float32))

    old = weighted([[1, 2, 3], [1]], [10, 1, 5, 2])
    joined = old.joined(weighted([[1, 2], [4, 1]], [1, 7, 1, 3]))
    assert joined.items.tolist() == [3, 1, 2, 4, 1]
    assert joined.weights.tolist() == [5, 10, 7, 1, 3]
    alone = old.slice(0, 1).joined(weighted([[1]], [1]))
    assert (alone.items.tolist(), alone.weights.tolist()) == ([2, 3, 1], [1, 5, 10])


def test_ranking_agrees_with_recommending_where_items_share_a_chance() -> None:
    model = replace(fit(EVENTS, EaseConfig()), calibration=Calibration((0.0, 10.0), (0.2, 0.2)))
    for user in EVENTS.user_ids[:20].tolist():
        [best] = model.recommend([user], 10)
        ranked = model.rank(user, [*sorted(best.item_ids), "mystery"])
        assert ranked.item_ids == [*best.item_ids, "mystery"]
        assert ranked.scores == pytest.approx([0.2] * 10 + [0])


def test_popularity_with_a_half_life_has_it_for_strangers_and_strange_items_too() -> None:
    users = ["a", "b", "c", "d", "e"]
    events = Interactions.from_columns(users, ["new", "old", "old", "old", "old"], [100 * DAY, 0, 0, 0, 0])
    model = fit(events, PopularityConfig(half_life_days=1))
    assert model.recommend(["nobody"], 2)[0].item_ids == ["new", "old"]
    assert model.similar_items(["mystery"], 2)[0].item_ids == ["new", "old"]


def test_the_demographic_model_knows_people_without_a_history_by_their_attributes() -> None:
    names = [f"u{user:02}" for user in range(42)]
    events = Interactions.from_columns(
        names[:40], ["young" if user < 20 else "old" for user in range(40)], range(40)
    )
    groups = ["a" if user < 20 or user == 40 else "b" for user in range(42)]
    data = TrainingData.of(events, None, Metadata.of(names, {"GROUP": categories(groups)}))
    model = fit(data, configs.default("demographic"))
    assert [one.item_ids[0] for one in model.recommend(["u40", "u41"], 1)] == ["young", "old"]


@pytest.mark.parametrize("name", [*sorted(set(ALGORITHMS) - {"content", "demographic"}), "ease and svd"])
def test_items_that_nothing_is_like_have_the_popular_ones_as_neighbours(name: str) -> None:
    config = (
        configs.default(name)
        if name in ALGORITHMS
        else HybridConfig(members=(EaseConfig(), PureSvdConfig()), weights=(0.5, 0.5))
    )
    alone = Interactions.from_columns(
        [*EVENTS.user_ids[EVENTS.users], "hermit"],
        [*EVENTS.item_ids[EVENTS.items], "odd"],
        [*EVENTS.times, 0],
    )
    data = TrainingData.of(alone, Metadata.of(["untouched"], {"KIND": categories(["odd"])}))
    model = fit(data, config)
    popular = model.similar_items(["mystery"], 10)[0]
    unlike = (
        ["untouched"] if name == "ials" else ["untouched", "odd"]
    )  # of one touch its factors make something
    for got in model.similar_items(unlike, 10):
        assert got == popular


def test_event_weights_beyond_what_ials_can_solve_are_refused_with_a_way_out() -> None:
    weights = np.where(np.arange(len(EVENTS)) % 3 == 0, np.float32(1e6), np.float32(1))
    with pytest.raises(DataError, match=r"weights up to 1e\+06 and alpha=4: scale the weights down"):
        fit(replace(EVENTS, weights=weights), IalsConfig())
