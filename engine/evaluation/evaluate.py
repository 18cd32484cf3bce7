"""One model on one split: every metric, with intervals, and what it took."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from engine.data.training_data import TrainingData
from engine.evaluation import beyond_accuracy as beyond
from engine.evaluation.metrics import Hits, Values, coverage
from engine.evaluation.significance import Estimate, bootstrap
from engine.evaluation.splits import Holdout
from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories
from engine.serving.calibration import reliability
from engine.serving.reranking import Rerank
from engine.serving.trained_model import Model

DEPTH = 25
HEADLINE = "ndcg@10"


@dataclass(frozen=True)
class Evaluation:
    """metrics: means over users with intervals; figures: one number for all lists; per_user: NDCG@10."""

    name: str
    metrics: dict[str, Estimate]
    figures: dict[str, float]
    per_user: Values
    reliability: list[tuple[float, float, int]]
    train_seconds: float
    users_per_second: float


def evaluate(
    name: str,
    fit: Callable[[TrainingData], Model],
    data: TrainingData,
    holdout: Holdout,
    *,
    rerank: Rerank | None = None,
) -> Evaluation:
    """data: the metadata to train with; its interactions are replaced by the split's."""
    started = perf_counter()
    model = fit(data.with_interactions(holdout.train))
    return judge(name, model, holdout, train_seconds=perf_counter() - started, rerank=rerank)


def judge(
    name: str, model: Model, holdout: Holdout, *, train_seconds: float = 0.0, rerank: Rerank | None = None
) -> Evaluation:
    """A model that was trained on the split's train part."""
    started = perf_counter()
    lists = recommended(model, holdout, DEPTH, rerank)
    seconds = perf_counter() - started
    items = len(model.item_ids)
    hits = Hits.of(lists, holdout.relevant, items)
    first = lists[:, :10]
    popularity = model.memory.popularity
    per_user = {
        "recall@10": hits.recall(10),
        "recall@20": hits.recall(20),
        "precision@10": hits.precision(10),
        HEADLINE: hits.ndcg(10),
        "mrr@25": hits.reciprocal_rank(25),
        "hit_rate@10": hits.hit_rate(10),
        "map@10": hits.average_precision(10),
        "novelty@10": beyond.novelty(first, popularity),
        "popularity@10": beyond.popularity_rank(first, popularity),
        "diversity@10": beyond.diversity(first, _co_occurrence(holdout, items)),
    }
    figures = {
        "coverage@10": coverage(first, items),
        "gini@10": beyond.gini(first, items),
        "personalisation@10": beyond.personalisation(first, items),
    }
    bins: list[tuple[float, float, int]] = []
    if model.calibration is not None:
        bins, found = calibration_check(model, holdout)
        figures |= found
    estimates = {metric: bootstrap(values) for metric, values in per_user.items()}
    rate = len(lists) / max(seconds, 1e-9)
    return Evaluation(name, estimates, figures, per_user[HEADLINE], bins, train_seconds, rate)


def recommended(model: Model, holdout: Holdout, n: int, rerank: Rerank | None = None) -> Codes:
    """Test users x n, as the model serves them: what is in the history left out, unless it may come again.

    -1 where a list is short.
    """
    items, scores = model.top(
        holdout.inputs, n, users=holdout.users, exclude=_left_out(model, holdout), rerank=rerank
    )
    return np.where(scores > -np.inf, items, -1).astype(np.int32)


def _left_out(model: Model, holdout: Holdout) -> Histories | None:
    return None if model.own_items else holdout.inputs


def calibration_check(
    model: Model, holdout: Holdout
) -> tuple[list[tuple[float, float, int]], dict[str, float]]:
    """Reliability of the chances of every test user's hundred best items, and the expected error.

    And for the best ten and the very best the mean chance that was said beside the rate that came true: they
    are few among the hundred, so that the expected error hides what they are off by.
    """
    items, scores = model.best(holdout.inputs, 100, users=holdout.users, exclude=_left_out(model, holdout))
    known = scores > -np.inf
    hits = Hits.of(np.where(known, items, -1), holdout.relevant, len(model.item_ids)).hits
    bins, error = reliability(scores[known], hits[known])
    figures = {"calibration_error": error}
    for depth in (10, 1):
        first = known[:, :depth]
        figures[f"said@{depth}"] = float(scores[:, :depth][first].mean())
        figures[f"came@{depth}"] = float(hits[:, :depth][first].mean())
    return bins, figures


def _co_occurrence(holdout: Holdout, items: int) -> Floats:
    """Unit vectors of items in a random projection of who touched them: cosines of co-occurrence, nearly."""
    users = len(holdout.train.user_ids)
    directions = np.random.default_rng(0).standard_normal((users, 64)).astype(np.float32)
    vectors: Floats = (holdout.train.csr().T @ directions).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0))
