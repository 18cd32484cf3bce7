"""The latent structure of what is generated: people share interests, and an interest has its favourites.

Popularity alone explains part of the behaviour, interests explain more: a model that finds them can be told
from one that only counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trial_data.arrays import Floats, Ints

INTERESTS = (
    "strength",
    "calisthenics",
    "interval training",
    "running",
    "cycling",
    "swimming",
    "climbing",
    "martial arts",
    "dance",
    "yoga",
    "mobility",
    "walking",
)
TREND = 0.1  # share of choices that follow the crowd instead of an interest
_SKEW = 1.7  # the larger, the more of a shelf's choices fall on its first things


@dataclass(frozen=True)
class Shelf:
    """Ids in order of attraction: per segment (an interest, perhaps with a level) and for everybody."""

    ids: Ints
    starts: Ints

    @classmethod
    def stack(cls, segments: Sequence[Ints], everything: Ints) -> "Shelf":
        # An empty segment offers everything, so that a tiny community has something to choose, too.
        shelves = [segment if len(segment) else everything for segment in (*segments, everything)]
        starts = np.cumsum([0, *map(len, shelves)], dtype=np.int64)
        return cls(np.concatenate(shelves).astype(np.int64), starts)

    def pick(self, rng: np.random.Generator, segments: Ints) -> Ints:
        """One id per segment asked for; some follow the crowd."""
        crowd = len(self.starts) - 2
        segments = np.where(rng.random(len(segments)) < TREND, crowd, segments)
        sizes = self.starts[segments + 1] - self.starts[segments]
        ranks = (sizes * rng.random(len(segments)) ** _SKEW).astype(np.int64)
        return np.asarray(self.ids[self.starts[segments] + ranks])


def mixtures(rng: np.random.Generator, people: int) -> Floats:
    """(people, interests), rows sum to 1: most people have one to three interests."""
    attraction = np.linspace(0.3, 0.12, len(INTERESTS))
    weights = rng.standard_gamma(attraction, size=(people, len(INTERESTS))) + 1e-6
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def choose(rng: np.random.Generator, weights: Floats, counts: Ints) -> tuple[Ints, Ints]:
    """For each of a person's `counts` choices: the person's row and the interest that drives it."""
    owners = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    thresholds = np.cumsum(weights, axis=1)[:, :-1]
    interests = (rng.random(len(owners))[:, None] > thresholds[owners]).sum(axis=1)
    return owners, interests.astype(np.int64)


def how_many(rng: np.random.Generator, people: int, mean: float, cap: int) -> Ints:
    """Choices per person: at least 2, on average about `mean`, with the long tail that activity has."""
    eager = rng.gamma(1.5, max(mean - 2.0, 0.0) / 1.5, size=people)
    return np.minimum(rng.poisson(eager) + 2, cap).astype(np.int64)
