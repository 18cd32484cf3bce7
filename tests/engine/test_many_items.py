"""Where there are many items, lists are made of candidates: what a history's items have for neighbours."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from engine.data.generated import generated, with_ages, with_devices
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits
from engine.evaluation.protocols import split
from engine.fitting.algorithms import ALGORITHMS, train_member
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig, learn
from engine.fitting.validation import Validation
from engine.ground.histories import Histories
from engine.models.content import ContentConfig
from engine.models.ials import IalsConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.popularity import PopularityConfig
from engine.models.pure_svd import PureSvdConfig
from engine.models.transitions import TransitionsConfig
from engine.scorers import among
from engine.scorers.among import scores_among
from engine.serving.recommender import Recommendation
from engine.serving.reranking import Rerank
from engine.serving.trained_model import Model

ITEMS = 900
MEMBERS = (
    IalsConfig(factors=8),
    PureSvdConfig(factors=8),
    ItemNeighboursConfig(),
    TransitionsConfig(),
    PopularityConfig(),
    ContentConfig(neighbours=20),
)
WEIGHTS = (1.0, 0.1, 0.5, 0.5, 0.1, 0.05)


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return with_ages(generated(500, ITEMS, 9_000, seed=2))


@pytest.fixture(scope="module")
def blend(data: TrainingData) -> Model:
    return fit(data, HybridConfig(members=MEMBERS, weights=WEIGHTS, dense_items=0))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(among, "POPULAR", 40)


def same(found: Sequence[Recommendation], expected: Sequence[Recommendation]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.item_ids == other.item_ids
        assert one.scores == pytest.approx(other.scores, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("name", [*ALGORITHMS, "blend"])
def test_scores_of_some_items_are_what_they_are_among_all(
    data: TrainingData, blend: Model, name: str
) -> None:
    scorer = blend.scorer if name == "blend" else ALGORITHMS[name].train(data, ALGORITHMS[name].config())
    some = np.flatnonzero(np.random.default_rng(3).random(ITEMS) < 0.1).astype(np.int32)
    for row in (0, 7, 20):
        history = data.memory.histories.slice(row, row + 1)
        for user in (row, -1):
            users = np.array([user], np.int32)
            alone = scores_among(scorer, history, users, some)
            assert alone == pytest.approx(scorer.scores(history, users)[:, some], rel=1e-4, abs=1e-6)


def test_neighbours_need_no_other_items_for_their_lists(data: TrainingData) -> None:
    model = fit(data, ItemNeighboursConfig())
    users = data.interactions.user_ids[:60].tolist()

    same(replace(model, dense_items=0).recommend(users, 10), model.recommend(users, 10))


def test_a_blend_leaves_out_only_what_no_neighbour_brings_up(data: TrainingData, blend: Model) -> None:
    users = data.interactions.user_ids[:60].tolist()
    chosen, of_all = blend.recommend(users, 10), replace(blend, dense_items=ITEMS).recommend(users, 10)
    common = [len(set(a.item_ids) & set(b.item_ids)) for a, b in zip(chosen, of_all, strict=True)]

    assert np.mean(common) > 9


def test_a_list_that_the_candidates_do_not_fill_is_made_of_all_items(
    data: TrainingData, blend: Model
) -> None:
    short = int(np.argsort(blend.memory.histories.lengths + 99 * (blend.memory.histories.lengths < 2))[0])
    history = blend.memory.histories.slice(short, short + 1)
    brought_up = among.candidates([blend.scorer], history, blend.memory.by_popularity)
    assert brought_up is not None
    others = np.setdiff1d(np.arange(ITEMS), brought_up)[:3]
    unwanted = [np.delete(data.interactions.item_ids, others).tolist()]
    users = [str(data.interactions.user_ids[short])]
    found = blend.recommend(users, 3, exclude=unwanted)

    same(found, replace(blend, dense_items=ITEMS).recommend(users, 3, exclude=unwanted))
    assert set(found[0].item_ids) == set(data.interactions.item_ids[others].tolist())


def test_people_of_whom_nothing_is_known_get_what_is_popular(data: TrainingData, blend: Model) -> None:
    strangers = ["nobody", "no one"]

    same(blend.recommend(strangers, 10), replace(blend, dense_items=ITEMS).recommend(strangers, 10))


def test_alike_are_the_same_items_as_among_all_wherever_they_are_neighbours(
    data: TrainingData, blend: Model
) -> None:
    items = data.interactions.item_ids[:50].tolist()
    chosen = blend.similar_items(items, 5)
    of_all = replace(blend, dense_items=ITEMS).similar_items(items, 5)
    common = [len(set(a.item_ids) & set(b.item_ids)) for a, b in zip(chosen, of_all, strict=True)]

    assert np.mean(common) > 4


def test_variety_and_places_for_new_items_are_given_among_candidates_too(data: TrainingData) -> None:
    kept = data.interactions.items % 5 > 0
    part = data.with_interactions(data.interactions.where(kept))
    model = fit(part, HybridConfig(members=MEMBERS, weights=WEIGHTS, dense_items=0))
    users = np.flatnonzero(model.memory.histories.lengths > 3)[:50]
    inputs = model.memory.histories.take(users)
    rerank = Rerank(diversity=0.3, new_items=0.3)
    found, scores = model.top(inputs, 10, exclude=inputs, rerank=rerank)

    assert ((model.memory.popularity[found] == 0).sum(axis=1) == 3).mean() > 0.9
    assert all(len(set(row)) == 10 for row in found.tolist())
    assert np.isfinite(scores).all()
    assert not any(set(row) & set(inputs.slice(at, at + 1).items) for at, row in enumerate(found.tolist()))


def test_a_given_list_is_ranked_as_among_all_items(data: TrainingData, blend: Model) -> None:
    items = [*data.interactions.item_ids[::40].tolist(), "unknown"]
    user = str(data.interactions.user_ids[9])

    same([blend.rank(user, items)], [replace(blend, dense_items=ITEMS).rank(user, items)])


def test_what_was_right_and_is_no_candidate_counts_as_missed(data: TrainingData) -> None:
    validation = Validation.of(data, "user-time", users=200, seed=0)
    scorers = validation.trained(lambda part: train_member(part, TransitionsConfig(neighbours=2)))
    narrow = validation.narrowed([scorers])
    scores, everything = narrow.scores(scorers), validation.scores(scorers)
    relevant = narrow.relevant

    assert narrow.among is not None and narrow.among.shape[1] < ITEMS // 2
    assert relevant.lengths.tolist() == validation.relevant.lengths.tolist()
    assert narrow.among[relevant.rows, relevant.items].tolist() == validation.relevant.items.tolist()
    right = scores[relevant.rows, relevant.items]
    expected = everything[validation.relevant.rows, validation.relevant.items]
    assert 0 < np.isneginf(right).mean() < 1
    assert right[~np.isneginf(right)] == pytest.approx(expected[~np.isneginf(right)], abs=1e-5)
    assert (expected[np.isneginf(right)] <= 0).all()
    assert narrow.quality(scores) == pytest.approx(validation.quality(everything), abs=0.01)


def test_weights_learned_of_candidates_serve_about_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(among, "POPULAR", 200)
    whole = generated(800, ITEMS, 16_000, seed=5)
    holdout = split(whole.interactions, "user-time", seed=1)
    train = whole.with_interactions(holdout.train)
    config = HybridConfig(members=MEMBERS, half_lives=(None, 20.0))
    few, of_all = (
        Hits.of(recommended(fit(train, one), holdout, 10), holdout.relevant, ITEMS).ndcg(10)
        for one in (replace(config, dense_items=0), config)
    )

    assert abs(few.mean() - of_all.mean()) < 3 * (few - of_all).std() / len(few) ** 0.5 + 0.003


def test_a_member_without_a_weight_stays_where_nothing_else_brings_up_candidates(
    data: TrainingData,
) -> None:
    weights = (1.0, 0.1, 0.0, 0.0, 0.0, 0.0)
    model, without = (
        fit(data, HybridConfig(members=members, weights=weights[: len(members)], dense_items=limit))
        for members, limit in ((MEMBERS, 0), (MEMBERS[:2], ITEMS))
    )
    users = data.interactions.user_ids[:40].tolist()
    chosen, of_all = model.recommend(users, 10), without.recommend(users, 10)
    common = [len(set(a.item_ids) & set(b.item_ids)) for a, b in zip(chosen, of_all, strict=True)]

    assert 8 < np.mean(common) < 10
    same(replace(model, dense_items=ITEMS).recommend(users, 10), of_all)
    learned = learn(data, HybridConfig(members=MEMBERS, half_lives=(None,), dense_items=0))
    assert any(isinstance(one, ItemNeighboursConfig | TransitionsConfig) for one in learned.members)


def test_circumstances_count_among_candidates_as_among_all_items() -> None:
    whole = with_devices(generated(1_000, 600, 14_000, seed=2), leaning=0.9)
    config = HybridConfig(
        members=(ItemNeighboursConfig(neighbours=8), PopularityConfig()), half_lives=(None,)
    )
    learned = learn(whole, replace(config, dense_items=0))
    assert [one.column for one in learned.contexts] == ["DEVICE"]
    model = fit(whole, learned)
    users = whole.interactions.user_ids[:60].tolist()
    tv, of_all = (
        one.recommend(users, 10, context={"DEVICE": "tv"}) for one in (model, replace(model, dense_items=600))
    )
    plain = model.recommend(users, 10)

    def common(ones: Sequence[Recommendation], others: Sequence[Recommendation]) -> float:
        pairs = zip(ones, others, strict=True)
        return float(np.mean([len(set(a.item_ids) & set(b.item_ids)) for a, b in pairs]))

    assert common(tv, of_all) > 9 > common(tv, plain)


def test_a_blend_of_factors_alone_is_asked_about_all_items(data: TrainingData) -> None:
    model = fit(data, HybridConfig(members=MEMBERS[:2], weights=(1.0, 0.1), dense_items=0))
    empty, users = Histories.empty(1), ["u00000003"]

    same(replace(model, dense_items=ITEMS).recommend(users, 10), model.recommend(users, 10))
    assert model.top(empty, 5)[0].tolist() == [model.memory.by_popularity[:5].tolist()]
