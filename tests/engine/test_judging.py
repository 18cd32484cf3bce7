"""Calibration, re-ranking, list figures, significance and the cross-check of metrics with trec_eval."""

from collections.abc import Callable

import numpy as np
import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.generated import generated
from engine.evaluation import beyond_accuracy
from engine.evaluation.evaluate import judge, recommended
from engine.evaluation.metrics import Hits, Values, coverage
from engine.evaluation.protocols import split
from engine.evaluation.sampled_metrics import sampled
from engine.evaluation.significance import bootstrap, paired
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories
from engine.models.ease import EaseConfig
from engine.models.popularity import PopularityConfig
from engine.serving.calibration import Calibration, among_missing, calibrated, reliability
from engine.serving.reranking import Rerank, reranked


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_metrics_agree_with_trec_eval(rng: np.random.Generator) -> None:
    users, items, k = 40, 60, 10
    ranked = np.stack([rng.permutation(items)[:k] for _ in range(users)]).astype(np.int32)
    relevant = [rng.choice(items, rng.integers(1, 15), replace=False).tolist() for _ in range(users)]
    judged = {f"u{user}": {f"i{item}": 1 for item in row} for user, row in enumerate(relevant)}
    run = {
        f"u{user}": {f"i{item}": float(k - place) for place, item in enumerate(row)}
        for user, row in enumerate(ranked.tolist())
    }
    names = {"ndcg_cut.10", "P.10", "recall.10", "recip_rank", "success.10"}
    reference = pytrec_eval.RelevanceEvaluator(judged, names).evaluate(run)
    hits = Hits.of(ranked, Histories.of(relevant), items)
    ours = {
        "ndcg_cut_10": hits.ndcg(10),
        "P_10": hits.precision(10),
        "recall_10": hits.recall(10),
        "recip_rank": hits.reciprocal_rank(10),
        "success_10": hits.hit_rate(10),
    }
    for name, values in ours.items():
        for user in range(users):
            assert values[user] == pytest.approx(reference[f"u{user}"][name], abs=1e-9), name


def test_each_figure_of_an_evaluation_looks_as_far_as_its_name_says() -> None:
    data = generated(300, 60, 6_000, seed=1)
    holdout = split(data.interactions, "leave-last-out")
    model = fit(data.with_interactions(holdout.train), EaseConfig())
    items = len(model.item_ids)
    lists = recommended(model, holdout, 25)
    hits = Hits.of(lists, holdout.relevant, items)
    shares = model.memory.popularity
    by_user: dict[str, Callable[[int], Values]] = {
        "recall": hits.recall,
        "precision": hits.precision,
        "ndcg": hits.ndcg,
        "mrr": hits.reciprocal_rank,
        "hit_rate": hits.hit_rate,
        "map": hits.average_precision,
        "novelty": lambda depth: beyond_accuracy.novelty(lists[:, :depth], shares),
        "popularity": lambda depth: beyond_accuracy.popularity_rank(lists[:, :depth], shares),
    }
    of_all: dict[str, Callable[[int], float]] = {
        "coverage": lambda depth: coverage(lists[:, :depth], items),
        "gini": lambda depth: beyond_accuracy.gini(lists[:, :depth], items),
        "personalisation": lambda depth: beyond_accuracy.personalisation(lists[:, :depth], items),
    }

    found = judge("ease", model, holdout)

    for name, estimate in found.metrics.items():
        kind, _, depth = name.partition("@")
        if kind in by_user:
            assert estimate.mean == pytest.approx(by_user[kind](int(depth)).mean()), name
    for kind, figure in of_all.items():
        assert found.figures[f"{kind}@10"] == pytest.approx(figure(10)), kind


@settings(max_examples=30)
@given(st.integers(60, 400), st.integers(0, 99))
def test_a_calibration_rises_and_keeps_the_overall_rate(pairs: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=pairs).astype(np.float32)
    touched = rng.random(pairs) < 1 / (1 + np.exp(-scores))
    found = calibrated(scores, touched)
    assert found is not None
    chances = found.chance(np.sort(scores))
    assert (np.diff(chances) >= 0).all()
    assert chances.mean() == pytest.approx(touched.mean(), abs=0.1)


def test_calibrated_chances_come_true_on_other_data(rng: np.random.Generator) -> None:
    scores = rng.normal(size=40_000).astype(np.float32)
    touched = rng.random(40_000) < 0.3 / (1 + np.exp(-3 * scores))
    found = calibrated(scores[:20_000], touched[:20_000])
    assert found is not None
    bins, error = reliability(found.chance(scores[20_000:]), touched[20_000:])
    assert error < 0.01
    assert len(bins) == 10


def test_what_chance_took_from_the_data_before_does_not_lower_the_chances_of_it(
    rng: np.random.Generator,
) -> None:
    """Validation cannot know it: there it looks like items that nobody wants."""
    scores = rng.normal(size=200_000).astype(np.float32)
    touched = rng.random(200_000) < 1 / (1 + np.exp(-4 * scores))
    lot, earlier = rng.random(200_000), rng.random(200_000)
    missing = touched & (lot < 0.25)
    held = touched & ~missing & (earlier < 0.1)
    history = touched & ~missing

    found = calibrated(scores[~history | held], held[~history | held])
    assert found is not None
    corrected = among_missing(found, held=0.1, missing=0.25)

    assert reliability(found.chance(scores[~history]), missing[~history])[1] > 0.05
    assert reliability(corrected.chance(scores[~history]), missing[~history])[1] < 0.01
    assert corrected.scores == found.scores


def test_too_few_pairs_are_not_calibrated_and_excluded_items_stay_excluded() -> None:
    assert calibrated(np.ones(3, np.float32), np.ones(3, np.bool_)) is None
    chances = Calibration((0.0, 1.0), (0.1, 0.5)).chance(np.array([-np.inf, 0.5, 9], np.float32))
    assert chances.tolist() == pytest.approx([-np.inf, 0.3, 0.5])
    with pytest.raises(ConfigError, match="must rise"):
        Calibration((1.0, 0.0), (0.1, 0.5))


def likeness(twins: dict[int, int]) -> Callable[[Codes], Floats]:
    def similar(items: Codes) -> Floats:
        table = np.zeros((len(items), 6), np.float32)
        for row, item in enumerate(items.tolist()):
            table[row, twins.get(item, item)] = 1
        return table

    return similar


ITEMS = np.array([[0, 1, 2, 3]], np.int32)
SCORES = np.array([[1.0, 0.9, 0.8, 0.1]], np.float32)
POPULARITY = np.array([0.5, 0.2, 0.1, 0.1, 0.05, 0.05], np.float32)


def test_diversity_passes_over_the_twin_of_a_chosen_item() -> None:
    options = Rerank(diversity=0.5)
    found, scores = reranked(ITEMS, SCORES, 2, options, POPULARITY, likeness({0: 1, 1: 0}))
    assert found.tolist() == [[0, 2]]
    assert scores.tolist() == [pytest.approx([1.0, 0.8])]


def test_a_popularity_penalty_lets_less_popular_items_pass() -> None:
    options = Rerank(popularity_penalty=1.0)
    found, _ = reranked(ITEMS, SCORES, 4, options, POPULARITY, likeness({}))
    assert found[0].tolist().index(0) > 0


def test_excluded_items_never_come_back_before_real_ones() -> None:
    scores = np.array([[1.0, -np.inf, 0.5, -np.inf]], np.float32)
    for options in (Rerank(diversity=0.7), Rerank(popularity_penalty=1.0), Rerank()):
        found, values = reranked(ITEMS, scores, 4, options, POPULARITY, likeness({}))
        assert sorted(found[0, :2].tolist()) == [0, 2]
        assert np.isneginf(values[0, 2:]).all()


def test_reranking_without_effect_keeps_the_order() -> None:
    found, _ = reranked(ITEMS, SCORES, 3, Rerank(), POPULARITY, likeness({}))
    assert found.tolist() == [[0, 1, 2]]
    with pytest.raises(ConfigError, match="diversity"):
        Rerank(diversity=2)


SAME = np.array([[0, 1], [0, 1], [0, 1]], np.int32)
OWN = np.array([[0, 1], [2, 3], [4, 5]], np.int32)


def test_personalisation_tells_one_list_for_all_from_everyone_their_own() -> None:
    assert beyond_accuracy.personalisation(SAME, 6) == 0
    assert beyond_accuracy.personalisation(OWN, 6) == 1
    assert beyond_accuracy.personalisation(np.array([[0, 1], [1, 2]], np.int32), 6) == 0.5


def test_gini_is_0_for_even_and_near_1_for_one_sided_exposure() -> None:
    assert beyond_accuracy.gini(OWN, 6) == pytest.approx(0)
    assert beyond_accuracy.gini(np.zeros((50, 1), np.int32), 1000) == pytest.approx(0.999)


def test_diversity_is_0_within_twins_and_1_between_strangers() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    found = beyond_accuracy.diversity(np.array([[0, 1], [0, 2]], np.int32), vectors)
    assert found.tolist() == pytest.approx([0, 1])


def test_novelty_is_the_surprise_in_bits_and_popularity_a_standing() -> None:
    shares = np.array([0.5, 0.25, 0.125, 0.125], np.float32)
    assert beyond_accuracy.novelty(np.array([[0, 1]], np.int32), shares).tolist() == pytest.approx([1.5])
    ranks = beyond_accuracy.popularity_rank(np.array([[0, -1]], np.int32), shares)
    assert ranks.tolist() == pytest.approx([1.0])


def test_the_bootstrap_interval_holds_the_mean_and_narrows_with_more_users(rng: np.random.Generator) -> None:
    few, many = bootstrap(rng.normal(size=50)), bootstrap(rng.normal(size=5_000))
    assert few.low < few.mean < few.high
    assert many.high - many.low < few.high - few.low


def test_the_paired_test_sees_a_small_but_steady_difference_and_no_other(rng: np.random.Generator) -> None:
    noise = rng.normal(size=400)
    assert paired(noise + 0.02 + rng.normal(size=400) * 0.05, noise).p_value < 0.01
    assert paired(rng.normal(size=400), rng.normal(size=400)).p_value > 0.01
    assert paired(noise, noise).p_value == 1


def test_without_more_words_chance_is_that_of_seed_nought_with_as_many_draws_as_are_said() -> None:
    data = generated(60, 30, 900, seed=2)
    holdout = split(data.interactions, "leave-last-out")
    model = fit(data.with_interactions(holdout.train), PopularityConfig())
    first, second = np.random.default_rng(1).random((2, 40))

    assert bootstrap(first) == bootstrap(first, draws=1_000, seed=0) != bootstrap(first, draws=1_001)
    assert paired(first, second) == paired(first, second, draws=10_000, seed=0)
    assert paired(first, second) != paired(first, second, draws=10_001)
    usual, drawn = sampled(model, holdout), sampled(model, holdout, negatives=99, seed=0)
    assert np.array_equal(usual.hits, drawn.hits)
    assert judge("popular", model, holdout).train_seconds == 0


def test_sampled_metrics_rank_the_held_out_item_among_untouched_ones_only() -> None:
    data = generated(500, 200, 15_000, seed=3)
    holdout = split(data.interactions, "leave-last-out")
    part = data.with_interactions(holdout.train)
    plain = sampled(fit(part, PopularityConfig()), holdout, negatives=20)
    good = sampled(fit(part, EaseConfig()), holdout, negatives=20)
    assert plain.hits.shape == (len(holdout.users), 21)
    assert 0.3 < plain.hit_rate(10).mean() < good.hit_rate(10).mean() <= 1


def test_what_is_said_of_the_best_items_stands_beside_what_came_of_them() -> None:
    data = generated(300, 60, 6_000, seed=1)
    holdout = split(data.interactions, "user-time")
    members = (EaseConfig(), PopularityConfig())
    model = fit(data.with_interactions(holdout.train), HybridConfig(members=members, half_lives=(None,)))
    found = judge("hybrid", model, holdout)
    lists = model.recommend(model.user_ids[holdout.users].tolist(), 10)
    assert found.figures["came@10"] == pytest.approx(found.metrics["precision@10"].mean)
    assert found.figures["said@10"] == pytest.approx(np.mean([one.scores for one in lists]), rel=1e-4)
    assert found.figures["said@1"] == pytest.approx(np.mean([one.scores[0] for one in lists]), rel=1e-4)
    wanted = [
        set(model.item_ids[holdout.relevant.slice(at, at + 1).items].tolist()) for at in range(len(lists))
    ]
    hits = [one.item_ids[0] in own for one, own in zip(lists, wanted, strict=True)]
    assert found.figures["came@1"] == pytest.approx(np.mean(hits))
    assert "said@1" not in judge("plain", fit(holdout.train, EaseConfig()), holdout).figures
