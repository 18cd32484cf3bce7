"""How quality grows with the data: the same model trained on growing parts of a split's training data."""

from collections.abc import Callable

import numpy as np

from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits
from engine.evaluation.splits import Holdout
from engine.serving.trained_model import Model

SHARES = (0.25, 0.5, 0.75, 1.0)


def learning_curve(
    fit: Callable[[TrainingData], Model], data: TrainingData, holdout: Holdout, *, seed: int = 0
) -> list[tuple[float, float]]:
    """(pairs trained on, NDCG@10) for random parts of the pairs; test users keep their whole histories.

    A part of few pairs may have none: it is left out.
    """
    chance = np.random.default_rng(seed).random(len(holdout.train))
    points = []
    for share in SHARES:
        part = holdout.train.where(chance < share)
        if not len(part):
            continue
        lists = recommended(fit(data.with_interactions(part)), holdout, 10)
        quality = Hits.of(lists, holdout.relevant, len(part.item_ids)).ndcg(10).mean()
        points.append((float(len(part)), float(quality)))
    return points
