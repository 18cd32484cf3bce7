"""Chances that somebody takes an action: a logistic regression per action over what is known of them."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Codes, Floats, Mask
from engine.histories import Histories

TAKEN, REFUSED = np.float32(1), np.float32(-1)
"""weights of a history's entries: an action taken, an action seen and not taken"""


@dataclass(frozen=True)
class PropensityScorer:
    """Histories are of actions here; an action that too little is known of has the chance 0."""

    tastes: Floats
    """users x factors, of what they touched besides"""
    weights: Floats
    """actions x (1 + factors + 2): bias, tastes, other actions taken, other actions refused"""
    known: Mask
    """the actions that have been learned about"""

    def scores(self, histories: Histories, users: Codes) -> Floats:
        inputs = np.where((users >= 0)[:, None], self.tastes[np.maximum(users, 0)], 0)
        logits = self.weights[:, 0] + inputs @ self.weights[:, 1:-2].T
        for column, sign in ((-2, TAKEN), (-1, REFUSED)):
            logits += self.weights[:, column] * others(histories, sign, len(self.weights))
        chances: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
        chances[:, ~self.known] = 0
        return chances

    def similar(self, items: Codes) -> Floats:
        return np.zeros((len(items), len(self.weights)), np.float32)


def others(histories: Histories, sign: np.float32, actions: int) -> Floats:
    """Rows x actions: log(1 + how many of the other actions the row has with this sign)."""
    own = np.zeros((len(histories), actions), np.float32)
    meant = histories.weights * sign > 0
    own[histories.rows[meant], histories.items[meant]] = 1
    counts: Floats = np.log1p(own.sum(axis=1, keepdims=True) - own)
    return counts
