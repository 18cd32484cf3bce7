"""Metrics over one held-out item among random others: only to compare with papers that report them.

Krichene and Rendle, "On Sampled Metrics for Item Recommendation" (KDD 2020): they can rank models wrongly.
"""

import numpy as np

from engine.evaluation.metrics import Hits
from engine.evaluation.splits import Holdout
from engine.ground.histories import Histories
from engine.serving.trained_model import Model


def sampled(model: Model, holdout: Holdout, *, negatives: int = 99, seed: int = 0) -> Hits:
    """Each user's newest held-out item ranked among items that the user never touched, ties against it."""
    rng = np.random.default_rng(seed)
    items, users = len(model.item_ids), len(holdout.users)
    scores = model.scores(holdout.inputs, holdout.users)
    touched = np.zeros((users, items), np.bool_)
    touched[holdout.inputs.rows, holdout.inputs.items] = True
    touched[holdout.relevant.rows, holdout.relevant.items] = True
    wanted = holdout.relevant.items[holdout.relevant.offsets[1:] - 1]
    lottery = np.where(touched, 2.0, rng.random((users, items)))
    others = np.argpartition(lottery, min(negatives, items - 1), axis=1)[:, :negatives]
    own = scores[np.arange(users), wanted][:, None]
    rivals = np.take_along_axis(scores, others, axis=1) >= own
    rivals &= np.take_along_axis(lottery, others, axis=1) < 2
    lists = np.full((users, negatives + 1), -1, np.int32)
    lists[np.arange(users), rivals.sum(axis=1)] = wanted
    return Hits.of(lists, Histories.of([[item] for item in wanted.tolist()]), items)
