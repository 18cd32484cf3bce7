"""Members that the weights leave out and a blend needs all the same."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.data.training_data import TrainingData
from engine.fitting import new_items
from engine.fitting.blending import Weights
from engine.fitting.memories import Tuned
from engine.fitting.validation import Validation
from engine.models.content import ContentConfig
from engine.scorers.among import has_neighbours

FAINT = 1e-3


def with_new_items(
    members: Sequence[Any], shares: Weights, data: TrainingData, found: Sequence[Tuned], seed: int
) -> list[Any]:
    """Content keeps a say, too faint to be heard beside others, if it speaks for items that are new.

    It weighs a history as the strongest member does, so that serving can merge the two.
    """
    strongest = members[int(np.argmax(shares))]
    chosen = list(members)
    for at, member in enumerate(members):
        is_unheard = isinstance(member, ContentConfig) and shares[at] == 0
        if is_unheard and new_items.speaks(data, found[at].scorers[0], seed=seed):
            shares[at] = FAINT
            chosen[at] = replace(member, recency=getattr(strongest, "recency", member.recency))
    return chosen


def bringing_up(weights: Weights, found: Sequence[Tuned], validation: Validation) -> Sequence[int]:
    """Which member stays although its weight is 0: of many items, lists are made of what neighbours bring up.

    None where one with neighbours has a weight. Content does not count, which may know no more than kinds.
    """
    able = [
        at
        for at, one in enumerate(found)
        if has_neighbours(one.scorers[0]) and not isinstance(one.member, ContentConfig)
    ]
    if not able or weights[able].any():
        return ()
    return (max(able, key=lambda at: validation.quality(found[at].scores)),)
