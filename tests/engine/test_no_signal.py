"""People of whom nothing can be told, and items of which nothing tells one from the other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.fitting import configs
from engine.fitting.algorithms import ALGORITHMS, train_member
from engine.fitting.fit import fit
from engine.ground.histories import Recency
from engine.ground.ranking import ranks_of, standings, top
from engine.models import user_neighbours
from engine.models.content import ContentConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.transitions import TransitionsConfig
from engine.scorers.item_item import ItemItemScorer
from engine.serving.trained_model import Model

WITHOUT_METADATA = sorted(set(ALGORITHMS) - {"content", "demographic"})
Neighbourhood = ItemNeighboursConfig | TransitionsConfig | ContentConfig
NEIGHBOURHOODS = (ItemNeighboursConfig(), TransitionsConfig(shrinkage=1e9), ContentConfig())
"""with many equals: of transitions, because only counts tell them apart"""
LONERS = {"alone": ["own0", "own1"], "friend0": ["own2"], "friend1": ["own2"]}
"""nobody else touched these, and friends have nothing more to show each other"""


def named(data: Interactions, *, backwards: bool) -> tuple[list[str], list[str], list[int]]:
    """Users, items and times; the popular items last in the order of ids, or first."""
    last = len(data.item_ids) - 1
    items = [f"i{last - item if backwards else item:04}" for item in data.items.tolist()]
    return data.user_ids[data.users].tolist(), items, data.times.tolist()


@pytest.fixture(scope="module")
def community() -> Interactions:
    users, items, times = named(generated(200, 50, 3_000, seed=4).interactions, backwards=True)
    for user, own in LONERS.items():
        users, items, times = users + [user] * len(own), items + own, times + [1_700_000_000] * len(own)
    return Interactions.from_columns(users, items, times)


@pytest.mark.parametrize("name", ["hybrid", *WITHOUT_METADATA, "user-neighbours, approximate"])
def test_somebody_of_whom_nothing_can_be_told_gets_what_is_popular(
    community: Interactions, name: str
) -> None:
    config = configs.default(name.partition(",")[0])
    if "approximate" in name:
        config = user_neighbours.UserNeighboursConfig(exact_users=0)
    model = fit(community, config)
    [stranger] = model.recommend(["nobody"], 10)
    for user, own in LONERS.items():
        for recent in (None, {user: own}):
            [got] = model.recommend([user], 10, recent=recent)
            assert got.item_ids == stranger.item_ids, (user, recent)
            if name != "hybrid":  # whose blend may know what is popular, and says it as a chance
                assert got.scores == stranger.scores
    popularity = model.memory.popularity[np.searchsorted(model.item_ids, stranger.item_ids)]
    assert (np.diff(popularity) <= 0).all() and popularity[0] == model.memory.popularity.max()
    asked = stranger.item_ids[4::-1]
    assert model.rank("alone", asked).item_ids == asked[::-1]


def test_a_signal_that_is_only_of_own_items_counts_where_they_may_be_served(community: Interactions) -> None:
    memory = fit(community, configs.default("popularity")).memory
    rounding = np.linspace(0, 1e-8, len(memory.item_ids), dtype=np.float32)
    itself = np.diag(np.ones(len(memory.item_ids), np.float32)) + rounding
    model = Model(memory, ItemItemScorer(itself, Recency(half_life=1.0, floor=0.0)))
    [stranger] = model.recommend(["nobody"], 10)
    [without] = model.recommend(["alone"], 10)
    assert without == stranger
    [together] = model.recommend(["alone"], 10, exclude_seen=False)
    assert set(together.item_ids[:2]) == set(LONERS["alone"])
    of_one_second = (1.0 + 0.5) / 2
    assert together.scores[:2] == [of_one_second] * 2 and set(together.scores[2:]) == {0.0}
    assert together.item_ids[2:] == stranger.item_ids[:8]


@pytest.mark.parametrize("config", NEIGHBOURHOODS, ids=lambda config: type(config).__name__)
def test_of_equally_near_items_the_more_popular_are_kept(config: Neighbourhood) -> None:
    data = generated(400, 300, 4_000, seed=2)
    items, popularity = np.arange(300, dtype=np.int32), data.memory.popularity
    every = train_member(data, replace(config, neighbours=300)).similar(items)
    kept = train_member(data, replace(config, neighbours=5)).similar(items) > 0
    left_out = ties = 0
    for target in range(300):
        near, chosen = every[:, target], kept[:, target]
        if chosen.sum() == 5:
            border = near[chosen].min()
            on_border, beyond = chosen & (near == border), ~chosen & (near == border)
            assert near[~chosen].max() <= border
            assert popularity[beyond].max(initial=0) <= popularity[on_border].min()
            left_out, ties = left_out + 1, ties + int(beyond.any())
    assert left_out > 100 and ties > 10


@given(st.integers(1, 5), st.integers(1, 30), st.integers(1, 35), st.booleans(), st.integers(0, 999))
def test_of_equal_scores_the_one_with_the_lower_rank_comes_first(
    rows: int, columns: int, n: int, by_row: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(-1, 3, (rows, columns)).astype(np.float32)
    scores[rng.random(scores.shape) < 0.1] = -np.inf
    ranks = np.stack([rng.permutation(columns) for _ in range(rows if by_row else 1)]).astype(np.int32)
    items, values = top(scores, n, ranks if by_row else ranks[0])
    for row in range(rows):
        own = ranks[row if by_row else 0]
        expected = [item for item in np.lexsort((own, -scores[row])) if scores[row, item] > -np.inf][:n]
        assert items[row][values[row] > -np.inf].tolist() == expected


def test_equally_popular_items_are_in_no_order_of_their_codes() -> None:
    ranks = ranks_of(np.repeat(np.array([0.2, 0.1, 0.3], np.float32), 200))
    assert sorted(ranks.tolist()) == list(range(600))
    assert ranks[400:].max() < ranks[:200].min() and ranks[:200].max() < ranks[200:400].min()
    for start in (0, 200, 400):
        assert abs(np.corrcoef(np.arange(200), ranks[start : start + 200])[0, 1]) < 0.2


def test_equal_values_stand_equally_high() -> None:
    assert standings(np.array([5, 1, 5, 9], np.float32)).tolist() == pytest.approx([0.5, 0, 0.5, 1])


def test_a_list_of_everything_that_is_left_is_still_by_the_own_signal() -> None:
    data = TrainingData(generated(200, 12, 3_000, seed=1).interactions)
    model = fit(data, configs.default("ease"))
    everything = data.interactions.item_ids.tolist()
    [got] = model.recommend(["nobody"], 12, recent={"nobody": everything}, exclude_seen=False)
    assert got.item_ids != model.recommend(["nobody"], 12)[0].item_ids
