"""Items that nobody has touched yet have the share of lists asked for, if metadata speaks for them."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.metadata import Categories, Metadata, categories
from engine.data.training_data import TrainingData
from engine.evaluation.metrics import Hits, Values
from engine.evaluation.protocols import split
from engine.fitting import new_items
from engine.fitting.algorithms import train_member
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories
from engine.models.content import ContentConfig
from engine.models.ease import EaseConfig
from engine.models.popularity import PopularityConfig
from engine.serving.new_items import places, with_new_items
from engine.serving.reranking import Rerank
from engine.serving.trained_model import Model

MEMBERS = (EaseConfig(), PopularityConfig(), ContentConfig())
NEVER = -np.inf


def people_and_kinds(
    people: int, items: int, events: int, *, seed: int, informative: bool = True
) -> TrainingData:
    """Items have a kind, and one of four families of kinds; or those of other items."""
    data = generated(people, items, events, seed=seed)
    assert data.items is not None
    kinds = data.items.columns["KIND"]
    assert isinstance(kinds, Categories)
    families = replace(kinds, codes=replace(kinds.codes, items=(kinds.codes.items % 4).astype(np.int32)))
    metadata = replace(data.items, columns={"KIND": kinds, "FAMILY": families})
    if not informative:
        order = np.random.default_rng(1).permutation(items).astype(np.int32)
        metadata = replace(
            metadata, columns={name: one.take(order) for name, one in metadata.columns.items()}
        )
    return replace(data, items=metadata)


@cache
def with_a_fifth_unseen(*, informative: bool) -> tuple[Model, Histories, Histories]:
    """The model, and the histories and held-back items of all users; of the latter some are new."""
    data = people_and_kinds(1_500, 250, 45_000, seed=4, informative=informative)
    holdout = split(data.interactions, "user-time")
    unseen = np.random.default_rng(2).random(250) < 0.2
    train = holdout.train.where(~unseen[holdout.train.items])
    model = fit(data.with_interactions(train), HybridConfig(members=MEMBERS, half_lives=(None,)))
    return model, model.memory.histories.take(holdout.users), holdout.relevant


def lists(model: Model, histories: Histories, share: float) -> np.ndarray:
    rerank = Rerank(new_items=share) if share else None
    return model.top(histories, 10, exclude=histories, rerank=rerank)[0]


def quality(model: Model, histories: Histories, relevant: Histories, share: float) -> Values:
    return Hits.of(lists(model, histories, share), relevant, len(model.item_ids)).ndcg(10)


@pytest.mark.parametrize(("share", "wanted"), [(0.1, 1), (0.2, 2), (0.5, 5)])
def test_every_list_has_the_share_of_new_items_that_was_asked_for(share: float, wanted: int) -> None:
    model, histories, _ = with_a_fifth_unseen(informative=True)
    new = model.memory.popularity == 0
    assert 30 < new.sum() < 70
    found = new[lists(model, histories, share)].sum(axis=1)
    some = histories.lengths > 0
    assert (found[some] == np.maximum(wanted, new[lists(model, histories, 0)].sum(axis=1))[some]).all()


def test_lists_with_a_tenth_of_new_items_are_no_worse_where_metadata_tells_something() -> None:
    model, histories, relevant = with_a_fifth_unseen(informative=True)
    gains = quality(model, histories, relevant, 0.1) - quality(model, histories, relevant, 0)
    assert gains.mean() >= -0.003


def test_metadata_that_tells_nothing_speaks_for_no_item() -> None:
    model, histories, _ = with_a_fifth_unseen(informative=False)
    new = model.memory.popularity == 0
    assert not new[lists(model, histories, 0.5)].any()


@pytest.mark.parametrize("informative", [True, False])
def test_whether_metadata_speaks_is_asked_of_items_that_are_treated_as_new(informative: bool) -> None:
    data = people_and_kinds(600, 200, 20_000, seed=6, informative=informative)
    assert new_items.speaks(data, train_member(data, ContentConfig()), seed=0) == informative


def test_that_popular_items_are_of_one_kind_by_chance_speaks_for_no_item() -> None:
    rng = np.random.default_rng(3)
    shares = 1 / np.arange(1, 201)
    rows = [np.sort(rng.choice(200, 12, replace=False, p=shares / shares.sum())) for _ in range(600)]
    users = np.repeat([f"u{at:03}" for at in range(600)], 12).tolist()
    names = [f"i{at:03}" for at in range(200)]
    events = Interactions.from_columns(users, [names[at] for row in rows for at in row], np.arange(7200))
    kinds = categories(["usual" if at < 20 or at % 3 == 0 else f"rare{at % 7}" for at in range(200)])
    data = TrainingData.of(events, Metadata.of(names, {"KIND": kinds}))
    assert not new_items.speaks(data, train_member(data, ContentConfig()), seed=0)


@given(st.data())
def test_lists_keep_their_length_and_order_and_hold_nothing_twice(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 8))
    n, wanted = data.draw(st.integers(1, width)), data.draw(st.integers(1, width))
    strengths = st.sampled_from([NEVER, -1.0, 0.0, 1.0, 2.0, 3.0])
    scores = np.array([data.draw(st.lists(strengths, min_size=width, max_size=width))], np.float32)
    new = np.array(data.draw(st.lists(st.booleans(), min_size=width, max_size=width)))
    order = np.argsort(-scores[0], kind="stable")[:n].astype(np.int32)[None]
    before = order[0][scores[0][order[0]] > NEVER].tolist()
    items, values = with_new_items(
        order, scores[:, order[0]], scores, new, min(wanted, n), np.arange(width, dtype=np.int32)
    )
    after = items[0][values[0] > NEVER].tolist()
    able = [at for at in range(width) if new[at] and scores[0, at] > 0]
    assert len(set(after)) == len(after) and len(after) >= len(before)
    assert [at for at in after if at in before] == [at for at in before if at in after]
    there = sum(bool(new[at]) for at in before)
    assert sum(bool(new[at]) for at in after) == max(
        there, min(wanted, n, there + len(set(able) - set(before)))
    )
    assert (values[0][: len(after)] == scores[0][after]).all() and (values[0][len(after) :] == NEVER).all()


def test_a_share_is_rounded_to_whole_places() -> None:
    assert [places(10, 0.04), places(10, 0.05), places(25, 0.1), places(10, 1.0)] == [0, 1, 3, 10]
    for wrong in (-0.1, 1.1):
        with pytest.raises(ConfigError, match=r"in 0\.\.1"):
            Rerank(new_items=wrong)
