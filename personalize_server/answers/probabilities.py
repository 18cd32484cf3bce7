"""Scores as the service gives them: positive and, over all items, 1 in sum."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Floats

_SHARPNESS = 8.0


@dataclass(frozen=True)
class Scale:
    """What turns raw scores into shares, row by row: each a column."""

    highest: Floats
    sharpness: Floats
    total: Floats

    def shares(self, scores: Floats) -> Floats:
        """Of the rows' items, or of others beside them, which nothing is taken from."""
        return _exponents(np.minimum(scores, self.highest), self.highest, self.sharpness) / self.total


def shares(scores: Floats) -> Floats:
    """Rows x items: a softmax of each row, its spread scaled so that lists are told apart but not one-sided.

    The order of each row stays as it is.
    """
    return scaled(scores)[0]


def scaled(scores: Floats) -> tuple[Floats, Scale]:
    """The shares, and by what scale."""
    highest = np.maximum.reduce(scores, axis=1, keepdims=True)
    mean = np.add.reduce(scores, axis=1, keepdims=True) / np.float32(scores.shape[1])
    spread = np.maximum(highest - mean, np.float32(1e-12))
    sharpness = np.asarray(np.float32(_SHARPNESS) / spread, np.float32)
    exponents = _exponents(scores, highest, sharpness)
    total = np.add.reduce(exponents, axis=1, keepdims=True)
    exponents /= total
    return exponents, Scale(highest, sharpness, total)


def _exponents(scores: Floats, highest: Floats, sharpness: Floats) -> Floats:
    exponents: Floats = scores - highest
    exponents *= sharpness
    np.exp(exponents, out=exponents)
    return exponents
