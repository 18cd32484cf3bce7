"""Scoring by the attributes of a person."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories
from engine.ground.products import combined


@dataclass(frozen=True)
class DemographicScorer:
    groups: Histories
    """per user the attribute values, weighted to sum to 1"""
    shares: Floats
    """attribute values x items"""
    popularity: Floats

    def scores(self, histories: Histories, users: Codes) -> Floats:
        groups = self.groups.take(users)
        scores = combined(groups, self.shares)
        scores[groups.lengths == 0] = self.popularity
        return scores

    def similar(self, items: Codes) -> Floats:
        return np.tile(self.popularity, (len(items), 1))
