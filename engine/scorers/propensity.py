"""Chances that somebody takes an action: a logistic regression per action over what is known of them."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.histories import Histories

TAKEN, REFUSED = np.float32(1), np.float32(-1)
"""weights of a history's entries: an action taken, an action seen and not taken"""


@dataclass(frozen=True)
class PropensityScorer:
    """Histories are of actions here; an action that too little is known of has the chance 0."""

    tastes: Floats
    """users x factors, of what they touched besides; the average user is at 0"""
    weights: Floats
    """actions x (1 + factors + 1): bias, tastes, willingness with regard to other actions"""
    usual: float
    """the average willingness, taken where nothing is known"""
    known: Mask
    """the actions that have been learned about"""

    def scores(self, histories: Histories, users: Codes) -> Floats:
        inputs = np.where((users >= 0)[:, None], self.tastes[np.maximum(users, 0)], 0)
        logits = self.weights[:, 0] + inputs @ self.weights[:, 1:-1].T
        known, willing = willingness(histories, len(self.weights))
        logits += self.weights[:, -1] * np.where(known, willing - np.float32(self.usual), 0)
        chances: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
        chances[:, ~self.known] = 0
        return chances

    def similar(self, items: Codes) -> Floats:
        return np.zeros((len(items), len(self.weights)), np.float32)


def willingness(histories: Histories, actions: int) -> tuple[Mask, Floats]:
    """Rows x actions: is anything known of the other actions, and how far those taken outweigh those refused.

    (taken - refused) / (taken + refused + 2) over all actions but the one in question: between -1 and 1.
    """
    signs = np.zeros((len(histories), actions), np.float32)
    signs[histories.rows, histories.items] = histories.weights
    seen = np.abs(signs)
    count = seen.sum(axis=1, keepdims=True) - seen
    surplus: Floats = (signs.sum(axis=1, keepdims=True) - signs) / (count + 2)
    return count > 0, surplus
