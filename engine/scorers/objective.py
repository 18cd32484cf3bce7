"""Relevance weighed against a second aim, such as revenue or minutes watched."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories
from engine.scorers.scorer import Scorer


@dataclass(frozen=True)
class ObjectiveScorer:
    """Adds to each row a share of its spread (best minus mean) for items that serve the aim."""

    scorer: Scorer
    aims: Floats
    """per item 0 to 1: its rank among all by the aim"""
    strength: float

    def scores(self, histories: Histories, users: Codes) -> Floats:
        return self._aimed(self.scorer.scores(histories, users))

    def similar(self, items: Codes) -> Floats:
        return self._aimed(self.scorer.similar(items))

    def _aimed(self, scores: Floats) -> Floats:
        spread = scores.max(axis=1, keepdims=True) - scores.mean(axis=1, keepdims=True)
        return np.asarray(scores + np.float32(self.strength) * spread * self.aims, np.float32)
