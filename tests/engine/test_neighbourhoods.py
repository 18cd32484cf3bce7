"""Neighbours found among the pairs that have something in common are those found among all pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from engine.data.generated import generated
from engine.data.training_data import TrainingData
from engine.fitting.algorithms import train_member
from engine.ground.arrays import Floats
from engine.models import item_neighbours, neighbourhoods, transitions
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.transitions import TransitionsConfig
from engine.scorers.item_item import NeighbourScorer

CONFIGS = (
    ItemNeighboursConfig(neighbours=5),
    ItemNeighboursConfig(least_shared=2, shrinkage=0),
    TransitionsConfig(neighbours=5),
    TransitionsConfig(window=1, popularity_power=1),
)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return generated(400, 300, 4_000, seed=2)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_large_catalogues_have_the_neighbours_of_small_ones(
    data: TrainingData, config: ItemNeighboursConfig | TransitionsConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for most in (1_000, 0):
        for module in (item_neighbours, transitions):
            monkeypatch.setattr(module, "DENSE_ITEMS", most)
        scorer = train_member(data, config)
        assert isinstance(scorer, NeighbourScorer)
        found.append(scorer.similar(np.arange(300, dtype=np.int32)))
    small, large = found
    assert np.count_nonzero(small) > 500
    assert np.array_equal(small > 0, large > 0)
    assert np.allclose(small, large, rtol=1e-6, atol=0)


@pytest.mark.parametrize("config", CONFIGS[::2], ids=str)
def test_large_catalogues_are_never_a_table_of_all_pairs(
    data: TrainingData, config: ItemNeighboursConfig | TransitionsConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (item_neighbours, transitions):
        monkeypatch.setattr(module, "DENSE_ITEMS", 0)

    def refused(*_: object) -> None:
        raise AssertionError("a dense block")

    monkeypatch.setattr(csr_array, "toarray", refused)
    assert train_member(data, config) is not None


@settings(max_examples=50)
@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 999))
def test_stored_pairs_choose_the_same_neighbours_as_a_table(items: int, neighbours: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table: Floats = rng.integers(-1, 4, (items, items)).astype(np.float32)
    table[rng.random(table.shape) < 0.5] = 0
    ranks = rng.permutation(items).astype(np.int32)
    stored = csr_array(table)
    dense = neighbourhoods.dense(lambda a, b: table[a:b].copy(), items, neighbours, ranks)
    sparse = neighbourhoods.sparse(lambda a, b: stored[a:b], items, neighbours, ranks)
    assert np.array_equal(dense.offsets, sparse.offsets)
    assert np.array_equal(dense.items, sparse.items)
    assert np.array_equal(dense.weights, sparse.weights)
    for target in range(items):
        chosen = sparse.weights[sparse.items == target]
        others = np.delete(table[target], target)
        assert np.array_equal(np.sort(chosen), np.sort(others[others > 0])[::-1][:neighbours][::-1])
