"""Heuristics that are hard to beat where people come back to things, to hold models of repeats against."""

import numpy as np

from engine.evaluation.splits import Holdout
from engine.ground.arrays import Codes
from engine.ground.ranking import ranks_of, top

NEIGHBOURS = 100
SAMPLE = 1000
"""of sessions that have an item in common, the newest"""


def personal_frequency(holdout: Holdout, n: int, half_life: float | None) -> Codes:
    """How often, the older the less; after that what is popular."""
    items = len(holdout.train.item_ids)
    ranks = ranks_of(np.bincount(holdout.train.items, minlength=items).astype(np.float32))
    lists = []
    for row in range(len(holdout.users)):
        own = holdout.inputs.slice(row, row + 1).items
        age = len(own) - 1 - np.arange(len(own))
        weights = np.ones(len(own)) if half_life is None else 2.0 ** (-age / half_life)
        scores = np.bincount(own, weights, items).astype(np.float32)
        lists.append(top(scores[None], n, ranks)[0][0])
    return np.array(lists, np.int32)


def v_sknn(holdout: Holdout, n: int) -> Codes:
    """Ludewig, Jannach, "Evaluation of Session-based Recommendation Algorithms" (UMUAI 2018), with idf off.

    Items of the asking session count less the older they are (place / length); neighbours are the sessions
    with the largest sum; what a neighbour has counts by its likeness and by 1 / (steps back to the newest
    item in common), as the linear decay of the reference implementation does. The own session is left out.
    """
    sequences = holdout.train.all_histories()
    items = len(holdout.train.item_ids)
    ranks = ranks_of(np.bincount(holdout.train.items, minlength=items).astype(np.float32))
    binary = holdout.train.csr().sign()
    columns = binary.T.tocsr()
    newest = np.zeros(len(sequences), np.int64)
    np.maximum.at(newest, holdout.train.users, holdout.train.times)
    lists = []
    for row, user in enumerate(holdout.users.tolist()):
        own = holdout.inputs.slice(row, row + 1).items
        weight, steps = np.zeros(items, np.float32), np.zeros(items, np.int64)
        for place, item in enumerate(own.tolist(), start=1):
            weight[item], steps[item] = place / len(own), len(own) - place + 1
        distinct = np.unique(own)
        likeness = columns[distinct].T @ weight[distinct]
        if user >= 0:
            likeness[user] = 0
        some = np.flatnonzero(likeness)
        some = some[np.argsort(-newest[some], kind="stable")[:SAMPLE]]
        some = some[np.argsort(-likeness[some], kind="stable")[:NEIGHBOURS]]
        scores = np.zeros(items, np.float32)
        for other in some.tolist():
            theirs = binary.indices[binary.indptr[other] : binary.indptr[other + 1]]
            common = steps[theirs]
            nearest = common[common > 0].min()
            scores[theirs] += likeness[other] / nearest
        lists.append(top(scores[None], n, ranks)[0][0])
    return np.array(lists, np.int32)
