"""How sure is a figure, and is one model really better than another."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
CHUNK = 250


@dataclass(frozen=True)
class Estimate:
    """A mean over users with the bounds of its 95 % interval."""

    mean: float
    low: float
    high: float


def bootstrap(values: Values, *, draws: int = 1000, seed: int = 0) -> Estimate:
    """Percentile interval from resampled users (Efron, 1979)."""
    rng = np.random.default_rng(seed)
    users = len(values)
    means = np.concatenate(
        [values[rng.integers(0, users, (CHUNK, users))].mean(axis=1) for _ in range(-(-draws // CHUNK))]
    )
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high))


@dataclass(frozen=True)
class Difference:
    """first - second over the same users: mean with interval, and the chance of one so large by luck."""

    mean: Estimate
    p_value: float


def paired(first: Values, second: Values, *, draws: int = 10_000, seed: int = 0) -> Difference:
    """Two-sided paired randomisation test: signs of the per-user differences flipped at random (Fisher)."""
    rng = np.random.default_rng(seed)
    gains = first - second
    observed = abs(gains.mean())
    extreme = 0
    rounds = -(-draws // CHUNK)
    for _ in range(rounds):
        signs = rng.integers(0, 2, (CHUNK, len(gains))) * 2 - 1
        extreme += int((np.abs(signs @ gains / len(gains)) >= observed - 1e-15).sum())
    return Difference(bootstrap(gains, seed=seed), (extreme + 1) / (rounds * CHUNK + 1))
