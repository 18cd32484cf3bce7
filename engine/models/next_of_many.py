"""What comes next where items are many: a regression of the most popular, and counts of what follows what.

The regression (next_item.py) takes time by the cube of its features. So only the most popular items have
some, which speak for each other alone, learned from as many people, drawn by chance, as have LEARNED events.
For all other pairs of items the same least squares are solved as if no two features went together, which
leaves w_ij = y_ij / (f_j.f_j + lambda): y counts what came within WINDOW steps, on sparse rows.
"""

from dataclasses import dataclass, replace

import numpy as np

from engine.data.interactions import Interactions
from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories, offsets_of
from engine.models.decayed_counts import series
from engine.models.steps import Steps

LEARNED = 1_000_000
WINDOW = 6
NEIGHBOURS = 50


def of_popular(sequence: Interactions, popular: Codes, *, seed: int = 0) -> Interactions:
    """The events of some people, with the popular items as codes 0, 1, ... and all others as the last one.

    What is not popular keeps its place among them, so that ages are those of the whole.
    """
    code = np.full(len(sequence.item_ids), len(popular), np.int32)
    code[popular] = np.arange(len(popular))
    ids = np.concatenate([sequence.item_ids[popular], np.array([""])])
    return replace(_some(sequence, seed), item_ids=ids).with_codes(code)


def _some(sequence: Interactions, seed: int) -> Interactions:
    if len(sequence) <= LEARNED:
        return sequence
    lengths = np.bincount(sequence.users, minlength=len(sequence.user_ids))
    order = np.random.default_rng(seed).permutation(len(lengths))
    drawn = np.zeros(len(lengths), np.bool_)
    drawn[order[: np.searchsorted(np.cumsum(lengths[order]), LEARNED)]] = True
    return sequence.where(drawn[sequence.users])


@dataclass(frozen=True)
class Rest:
    """What is counted of all pairs of items of which one at least is not popular."""

    sequence: Interactions
    popular: Codes
    ranks: Codes
    half_life: float

    def neighbours(self, strength: float) -> Histories:
        """Of each item the sources that say most about it. lambda as in the regression."""
        items = len(self.sequence.item_ids)
        own = self._own()
        ridge = np.float32(max(strength * float(own.mean()) ** 0.5, 1.0))
        is_popular = np.zeros(items, np.bool_)
        is_popular[self.popular] = True

        def said(counts: Floats, targets: Codes, sources: Codes) -> Floats:
            both = is_popular[targets] & is_popular[sources]
            return np.where(both, np.float32(0), counts / (own[sources] + ridge)).astype(np.float32)

        faint = [2 ** (-step / self.half_life) for step in range(WINDOW)]
        steps = Steps(self.sequence, faint, weighted=not bool((self.sequence.weights == 1).all()))
        return Histories.stacked(steps.nearest(NEIGHBOURS, self.ranks, said))

    def _own(self) -> Floats:
        """The diagonal of F'F: a geometric series per event (decayed_counts.py), each for itself, even where
        an item comes again."""
        lengths = np.bincount(self.sequence.users, minlength=len(self.sequence.user_ids))
        left = (np.repeat(offsets_of(lengths)[1:], lengths) - 1 - np.arange(len(self.sequence))).astype(
            np.int32
        )
        values = series(2 ** (-2 / self.half_life), left) * self.sequence.weights**2
        return np.bincount(self.sequence.items, values, len(self.sequence.item_ids)).astype(np.float32)


def merged(parts: list[Histories]) -> Histories:
    """Row by row the entries of all of them."""
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    items = np.concatenate([part.items for part in parts])[order]
    weights = np.concatenate([part.weights for part in parts])[order]
    return Histories(offsets_of(np.bincount(rows, minlength=len(parts[0]))), items, weights)


def widened(near: Histories, popular: Codes, items: int) -> Histories:
    """From the codes of the popular, which rise with those of all items, to these."""
    near = near.slice(0, len(popular))
    lengths = np.zeros(items, np.int64)
    lengths[popular] = near.lengths
    return Histories(offsets_of(lengths), popular[near.items], near.weights)
