"""How well people are found for items, by the split that Amazon Personalize documents for user segments.

The newest fifth of everybody's events is held back; a segment is the best percent of the people
(https://docs.aws.amazon.com/personalize/latest/dg/working-with-training-metrics.html).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.interactions import Interactions
from engine.evaluation.splits import newest_share
from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.errors import DataError
from engine.ground.ranking import EXCLUDED, top

HELD_BACK = 0.2
SEGMENT = 0.01
MOST_TARGETS = 500


@dataclass(frozen=True)
class SegmentQuality:
    """Means over targets: of the held-back people, how many and which share the segment has."""

    hits: float
    recall: float


def segment_quality(
    pairs: Interactions,
    affinities: Callable[[Interactions], Callable[[Codes], Floats]],
    targets: Sequence[Codes] | None = None,
    *,
    seed: int = 0,
) -> SegmentQuality:
    """`affinities` trains and gives, per user, how much they want some items; `pairs` are distinct.

    targets: sets of items to find people for; None: each item by itself, for people who do not have it yet.
    Raises: DataError, if the split or the targets leave nothing to train or to test on.
    """
    held = newest_share(pairs, HELD_BACK)
    train, test = pairs.where(~held), pairs.where(held)
    if not len(train) or not len(test):
        raise DataError("the split leaves nothing to train or to test on")
    wanted = affinities(train)
    people = max(1, round(len(pairs.user_ids) * SEGMENT))
    sets = targets if targets is not None else [np.array([item]) for item in np.unique(test.items)]
    if len(sets) > MOST_TARGETS:
        chosen = np.random.default_rng(seed).permutation(len(sets))[:MOST_TARGETS]
        sets = [sets[at] for at in np.sort(chosen)]
    found = []
    for items in sets:
        actual = np.unique(test.users[np.isin(test.items, items)])
        if not len(actual):
            continue
        scores = wanted(items).astype(np.float32)
        if targets is None:
            scores[_having(train, items)] = EXCLUDED
        segment, _ = top(scores[None, :], people)
        hits = len(np.intersect1d(segment[0], actual))
        found.append((hits, hits / len(actual)))
    if not found:
        raise DataError("nothing was held back for any of the targets")
    hits_of, recall_of = np.mean(found, axis=0)
    return SegmentQuality(float(hits_of), float(recall_of))


def _having(pairs: Interactions, items: Codes) -> Mask:
    mask = np.zeros(len(pairs.user_ids), np.bool_)
    mask[pairs.users[np.isin(pairs.items, items)]] = True
    return mask
