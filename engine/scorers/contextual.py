"""Scores moved by the circumstances of a request: what is touched more, or less, there than elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Codes, Floats, Ids
from engine.histories import Histories
from engine.ranking import exclude
from engine.vocabulary import lookup

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
        return bool((self._codes([context]) >= 0).any())

    def apply(self, scores: Floats, histories: Histories, contexts: Sequence[Context]) -> None:
        """Rows x items, in place, nothing excluded yet; one history and one context per row.

        Users with a history: weight x spread x log-ratio is added, over all columns. Those without, whose
        scores are shares: multiplied by the ratios, and scaled to the same sum again.
        """
        codes = self._codes(contexts)
        cold = histories.lengths == 0
        rows = np.flatnonzero((codes >= 0).any(axis=0) & ~cold)
        if len(rows):
            moved = self._moved(codes[:, rows], [column.weight for column in self.columns])
            moved *= spreads(scores[rows], histories.take(rows))
            scores[rows] += moved
        rows = np.flatnonzero((codes >= 0).any(axis=0) & cold)
        if len(rows):
            ratios = np.exp(self._moved(codes[:, rows], [column.cold for column in self.columns]))
            before = scores[rows]
            after = before * ratios
            sums = after.sum(axis=1, keepdims=True)
            scale = np.divide(before.sum(axis=1, keepdims=True), sums, out=np.ones_like(sums), where=sums > 0)
            scores[rows] = after * scale

    def _codes(self, contexts: Sequence[Context]) -> Codes:
        """Columns x contexts."""
        found = np.empty((len(self.columns), len(contexts)), np.int32)
        for at, column in enumerate(self.columns):
            found[at] = lookup(column.values, [context.get(column.name, "") for context in contexts])
        return found

    def _moved(self, codes: Codes, weights: Sequence[float]) -> Floats:
        total = np.zeros((codes.shape[1], self.columns[0].log_ratios.shape[1]), np.float32)
        for column, own, weight in zip(self.columns, codes, weights, strict=True):
            rows = np.flatnonzero(own >= 0)
            total[rows] += np.float32(weight) * column.log_ratios[own[rows]]
        return total


def spreads(scores: Floats, histories: Histories) -> Floats:
    """Rows x 1: best minus mean score of the items that are not in the row's history."""
    unseen = scores.copy()
    exclude(unseen, histories)
    return spread_of(unseen)


def spread_of(scores: Floats) -> Floats:
    """Rows x 1: best minus mean of the scores that are not -inf, 0 where all are."""
    finite = scores > -np.inf
    count = finite.sum(axis=1, keepdims=True)
    total = np.where(finite, scores, np.float32(0)).sum(axis=1, keepdims=True)
    best = np.where(count > 0, scores.max(axis=1, keepdims=True), np.float32(0))
    return np.asarray(best - total / np.maximum(count, 1), np.float32)
