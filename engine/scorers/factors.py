"""Scoring by item factors V alone: a history's scores are x V V'."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.histories import Histories, Recency
from engine.ground.products import combined

ROUNDING = 1e-6
"""of the longest row: shorter ones are noise"""


@dataclass(frozen=True)
class LinearFactorScorer:
    """Item x factor matrix; the same as an item x item matrix of low rank, V V'."""

    factors: Floats
    recency: Recency | None

    def scores(self, histories: Histories, users: Codes) -> Floats:
        weighted = self.recency.weigh(histories) if self.recency else histories
        return np.asarray(combined(weighted, self.factors) @ self.factors.T)

    def similar(self, items: Codes) -> Floats:
        return cosines(self.factors, items)


def cosines(factors: Floats, items: Codes, among: Codes | None = None) -> Floats:
    """These rows x all rows, or those among them; 0 for a row of zeros, or what rounding has left of one."""
    lengths = np.linalg.norm(factors, axis=1, keepdims=True)
    told = _more_than_noise(lengths)
    if among is not None:
        own, other = (_unit(factors[rows], lengths[rows], told[rows]) for rows in (items, among))
        return np.asarray(own @ other.T)
    unit = _unit(factors, lengths, told)
    return np.asarray(unit[items] @ unit.T)


def _unit(factors: Floats, lengths: Floats, told: Mask) -> Floats:
    return np.divide(factors, lengths, out=np.zeros_like(factors), where=told)


def without_noise(factors: Floats) -> Floats:
    """Rows that only rounding tells from rows of zeros become zeros."""
    return np.where(_more_than_noise(np.linalg.norm(factors, axis=1, keepdims=True)), factors, np.float32(0))


def _more_than_noise(lengths: Floats) -> Mask:
    return np.asarray(lengths > ROUNDING * lengths.max(initial=0))
