"""Scores as the service gives them: positive and, over all items, 1 in sum."""

import numpy as np

from engine.arrays import Floats

_SHARPNESS = 8.0


def shares(scores: Floats) -> Floats:
    """Rows x items: a softmax of each row, its spread scaled so that lists are told apart but not one-sided.

    The order of each row stays as it is. The scale is ours: the service documents only the sum.
    """
    highest = np.maximum.reduce(scores, axis=1, keepdims=True)
    mean = np.add.reduce(scores, axis=1, keepdims=True) / np.float32(scores.shape[1])
    spread = np.maximum(highest - mean, np.float32(1e-12))
    exponents: Floats = scores - highest
    exponents *= np.float32(_SHARPNESS) / spread
    np.exp(exponents, out=exponents)
    exponents /= np.add.reduce(exponents, axis=1, keepdims=True)
    return exponents
