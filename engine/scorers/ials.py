"""Scoring by user and item factors of weighted least squares."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories
from engine.scorers.factors import cosines


@dataclass(frozen=True)
class IalsScorer:
    users: Floats
    items: Floats
    gram: Floats
    """Y'Y + lambda I"""
    alpha: float

    def scores(self, histories: Histories, users: Codes) -> Floats:
        return np.asarray(self.people(histories, users) @ self.items.T)

    def people(self, histories: Histories, users: Codes) -> Floats:
        """Rows x factors."""
        factors = self.users[users]
        for row in np.flatnonzero(users < 0).tolist():
            factors[row] = self._folded_in(histories.slice(row, row + 1))
        return factors

    def similar(self, items: Codes) -> Floats:
        return cosines(self.items, items)

    def affinities(self, items: Codes) -> Floats:
        """Per trained user: the sum of their scores for these items."""
        return np.asarray(self.users @ self.items[items].sum(axis=0))

    def _folded_in(self, history: Histories) -> Floats:
        items = self.items[history.items]
        confidence = self.alpha * history.weights
        system = self.gram + (items.T * (confidence - 1)) @ items
        return np.asarray(np.linalg.solve(system, confidence @ items), np.float32)
