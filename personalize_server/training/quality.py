"""The offline metrics of a version, by the split and the keys that the service documents."""

from collections.abc import Callable

import numpy as np

from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.offline_metrics import LIST, documented
from engine.evaluation.protocols import personalize as personalize_split
from engine.evaluation.splits import Holdout
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import DataError
from engine.serving.trained_model import Model
from personalize_server.facts.metric_names import METRICS, REWARDS, WEIGHTED

Fit = Callable[[TrainingData], Model]
_SEED = 20260101
_TRIES = 3


def offline_metrics(
    data: TrainingData,
    fit: Fit,
    *,
    weighted: bool = False,
    rewards: Floats | None = None,
    seed: int = _SEED,
) -> dict[str, float]:
    """weighted: with the gains of event weights, too; rewards: per item, what it serves the objective.

    Of tiny data a split may leave nothing to test on; then nothing is hit and all metrics are 0.
    """
    for attempt in range(seed, seed + _TRIES):
        try:
            split = personalize_split(data.interactions, attempt)
        except DataError:
            continue
        lists = recommended(fit(data.with_interactions(split.train)), split, LIST)
        metrics = documented(lists, split)
        if weighted:
            metrics |= {WEIGHTED.format(k): _weighted_gain(lists, split, k) for k in (5, 10, 25)}
        if rewards is not None:
            metrics[REWARDS] = _rewards(lists, split, rewards)
        return metrics
    return dict.fromkeys(METRICS, 0.0)


def _weighted_gain(lists: Codes, split: Holdout, k: int) -> float:
    """NDCG whose gain of a hit is the weight of its event."""
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    found = []
    for row in range(len(lists)):
        relevant = split.relevant.slice(row, row + 1)
        weights = dict(zip(relevant.items.tolist(), relevant.weights.tolist(), strict=True))
        gains = np.array([weights.get(item, 0.0) for item in lists[row, :k].tolist()])
        ideal = np.sort(relevant.weights)[::-1][:k]
        best = float(ideal @ discount[: len(ideal)])
        found.append(float(gains @ discount[: len(gains)]) / best if best > 0 else 0.0)
    return float(np.mean(found))


def _rewards(lists: Codes, split: Holdout, rewards: Floats) -> float:
    """Per test user: of the rewards of what they touched, the share of what the list had."""
    found = []
    for row in range(len(lists)):
        touched = split.relevant.slice(row, row + 1).items
        whole = float(rewards[touched].sum())
        if whole > 0:
            found.append(float(rewards[np.intersect1d(lists[row], touched)].sum()) / whole)
    return float(np.mean(found)) if found else 0.0
