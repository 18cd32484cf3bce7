"""Scores moved by the circumstances of a request: what is touched more, or less, there than elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats, Ids
from engine.ground.histories import Histories
from engine.ground.places import places_among
from engine.ground.vocabulary import lookup

Context = Mapping[str, str]
"""value by column; columns and values that were not learned have no effect"""


@dataclass(frozen=True)
class ContextColumn:
    name: str
    values: Ids
    """sorted"""
    log_ratios: Floats
    """values x items: log of P(item | value) / P(item), shrunk towards 0"""
    weight: float
    """of a log-ratio in spreads of a user's scores (best minus mean of what is not in the history)"""
    cold: float
    """exponent of the ratio for users without a history"""


@dataclass(frozen=True)
class ContextModel:
    columns: tuple[ContextColumn, ...]

    def knows(self, context: Context) -> bool:
        """Does it change any score?"""
        return bool(self._found(context))

    def apply(
        self,
        scores: Floats,
        histories: Histories,
        contexts: Sequence[Context],
        among: Codes | None = None,
    ) -> None:
        """Rows x items, in place, nothing excluded yet; one history and one context per row.

        among: the items of the columns, by rising code; None: all.

        Users with a history: weight x spread x log-ratio is added, over all columns. Those without, whose
        scores are shares: multiplied by the ratios, and scaled to the same sum again.
        """
        offsets = histories.offsets.tolist()
        for row, context in enumerate(contexts):  # one row at a time stays in the cache
            found = self._found(context, among)
            seen = histories.items[offsets[row] : offsets[row + 1]]
            if among is not None:
                at, known = places_among(among, seen)
                seen = at[known]
            if histories.visits is not None:
                seen = np.unique(seen)
            if found and len(seen):
                scores[row] += _spread(scores[row], seen) * _sum(found, [one.weight for one, _ in found])
            elif found:
                _multiply(scores[row], np.exp(_sum(found, [one.cold for one, _ in found])))

    def _found(self, context: Context, among: Codes | None = None) -> list[tuple[ContextColumn, Floats]]:
        """Columns with the log-ratios of the context's value."""
        found = []
        for column in self.columns:
            if column.name in context:
                code = int(lookup(column.values, [context[column.name]])[0])
                if code >= 0:
                    ratios = column.log_ratios[code]
                    found.append((column, ratios if among is None else ratios[among]))
        return found


def _sum(found: Sequence[tuple[ContextColumn, Floats]], weights: Sequence[float]) -> Floats:
    total = found[0][1] * np.float32(weights[0])
    for (_, ratios), weight in zip(found[1:], weights[1:], strict=True):
        total += np.float32(weight) * ratios
    return total


def _multiply(shares: Floats, ratios: Floats) -> None:
    before = np.add.reduce(shares)
    shares *= ratios
    after = np.add.reduce(shares)
    if after > 0:
        shares *= before / after


def _spread(scores: Floats, seen: Codes) -> np.float32:
    """Best minus mean score of what is not among the distinct `seen`; 0 where that is nothing."""
    unseen = scores.copy()
    unseen[seen] = -np.inf
    count = len(scores) - len(seen)
    if count <= 0:
        return np.float32(0)
    mean = (np.add.reduce(scores) - np.add.reduce(scores[seen])) / np.float32(count)
    return np.float32(np.maximum.reduce(unseen) - mean)


def spread_of(scores: Floats) -> Floats:
    """Rows x 1: best minus mean of the scores that are not -inf, 0 where all are."""
    finite = scores > -np.inf
    count = finite.sum(axis=1, keepdims=True)
    total = np.where(finite, scores, np.float32(0)).sum(axis=1, keepdims=True)
    best = np.where(count > 0, scores.max(axis=1, keepdims=True), np.float32(0))
    return np.asarray(best - total / np.maximum(count, 1), np.float32)
