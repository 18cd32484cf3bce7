"""What comes next, by ridge regression: the next item on the history before it, decayed by age.

The closed form of Choi et al., "Session-aware Linear Item-Item Models for Session-based Recommendation" (WWW
2021), with one block of features per half-life: W = (F'F + lambda I)^-1 F'Y, where a row of F is a history up
to some moment and the same row of Y what was touched next (decayed_counts.py sums the products). Where items
come again, all events are learned from, and an item may say something about itself.

Time grows with the cube of the features: one block of all items up to `max_items`, the other blocks of the
most popular items as far as `features` allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData, refuse_more_than
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import Histories, Recency, offsets_of
from engine.ground.sparse import turned
from engine.ground.threads import blocks as row_blocks
from engine.models.decayed_counts import Block, counted
from engine.models.fitted import fitted
from engine.scorers.blend import BlendScorer, Part
from engine.scorers.item_item import NeighbourScorer
from engine.serving.trained_model import Model

BLOCK = 512


@dataclass(frozen=True, kw_only=True)
class NextItemConfig:
    half_lives: tuple[float, ...] = (6.0, 1.0)
    """in items, of each block of features, the first of all items"""
    strength: float = 30.0
    """lambda is this times the root of the mean of F'F's diagonal"""
    neighbours: int = 300
    """of each item that may be recommended and each block: the items that say most about it"""
    features: int = 5_000
    """of all blocks together, but never less than all items once"""
    least_touches: int = 30
    """of an item that has a feature in the other blocks"""
    max_items: int = 20_000

    def __post_init__(self) -> None:
        if not self.half_lives or min(self.half_lives) <= 0 or not self.strength > 0:
            raise ConfigError(f"needs half-lives > 0, at least one, and a strength > 0, got {self}")
        if self.neighbours < 1 or self.features < 1 or self.least_touches < 0:
            raise ConfigError(
                f"needs neighbours and features of at least 1 and least touches of at least 0, got {self}"
            )


def fit(data: Interactions | TrainingData, config: NextItemConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: NextItemConfig) -> BlendScorer:
    return Counted.of(data, config).scorer(config.strength)


@dataclass(frozen=True)
class Counted:
    """All that a scorer needs of the data, whatever the strength."""

    system: "_System"
    blocks: list[Block]
    neighbours: int

    @classmethod
    def of(cls, data: TrainingData, config: NextItemConfig) -> "Counted":
        """Raises: DataError, if there are too many items."""
        items = len(data.interactions.item_ids)
        refuse_more_than(items, config.max_items)
        blocks = _blocks(data, config)
        return cls(_System(*counted(data.sequence, blocks)), blocks, config.neighbours)

    def scorer(self, strength: float) -> BlendScorer:
        return _scorer(self.system.solved(strength), self.blocks, self.neighbours)


def _blocks(data: TrainingData, config: NextItemConfig) -> list[Block]:
    items = len(data.interactions.item_ids)
    enough = np.bincount(data.sequence.items, minlength=items) >= config.least_touches
    found: list[Block] = []
    for at, half_life in enumerate(config.half_lives):
        first = sum(len(one.items) for one in found)
        room = items if at == 0 else max(config.features - first, 0) // (len(config.half_lives) - at)
        kept = np.flatnonzero((data.memory.ranks < room) & (enough | (at == 0))).astype(np.int32)
        if len(kept):
            place = np.full(items, -1, np.int32)
            place[kept] = np.arange(len(kept))
            found.append(Block(half_life, first, kept, place))
    return found


@dataclass(frozen=True)
class _System:
    """F'F, of which half is given, and Y'F.

    Above the diagonal a copy is kept of what a solution overwrites.
    """

    products: Floats
    targets: Floats

    def __post_init__(self) -> None:
        for rows, square in _stripes(len(self.products)):
            self.products[square] += self.products[square].T.copy()
            below, above = self.products[rows, : rows.start], self.products[: rows.start, rows]
            below += above.T
            above[:] = below.T

    def solved(self, strength: float) -> Floats:
        """Items x features: what every feature says about every item.

        Raises: DataError, if the products are not positive definite.
        """
        own = np.diag(self.products).copy()
        np.fill_diagonal(self.products, own + max(strength * float(own.mean()) ** 0.5, 1.0))
        factor, failed = lapack.spotrf(self.products.T, lower=False, overwrite_a=True, clean=False)
        if failed:
            raise DataError("the features are not positive definite; raise the strength")
        weights, _ = lapack.spotrs(factor, self.targets.T, lower=False)
        for rows, square in _stripes(len(self.products)):
            high = np.triu(self.products[square], 1)
            self.products[square] = high + high.T
            self.products[rows, : rows.start] = self.products[: rows.start, rows].T
        np.fill_diagonal(self.products, own)
        return np.asarray(weights.T)


def _stripes(size: int) -> Iterator[tuple[slice, tuple[slice, slice]]]:
    """Rows of a square table, and the square among them on its diagonal."""
    for start in range(0, size, BLOCK):
        rows = slice(start, min(start + BLOCK, size))
        yield rows, (rows, rows)


def _scorer(weights: Floats, blocks: list[Block], neighbours: int) -> BlendScorer:
    parts = []
    for block in blocks:
        own = weights[:, block.first : block.first + len(block.items)]
        near = _strongest(own, block.items, neighbours)
        recency = Recency(half_life=block.half_life, floor=0.0)
        parts.append(Part(1.0, NeighbourScorer(turned(near, len(weights)), recency)))
    return BlendScorer(tuple(parts))


def _strongest(weights: Floats, items: Codes, most: int) -> Histories:
    """Of each row (an item) the columns of the largest size, whatever their sign."""

    def work(start: int, stop: int) -> Histories:
        part = weights[start:stop]
        size = np.abs(part)
        at = np.argpartition(size, size.shape[1] - most, axis=1)[:, size.shape[1] - most :]
        values = np.take_along_axis(part, at, axis=1)
        kept = values != 0
        return Histories(offsets_of(kept.sum(axis=1)), items[at[kept]], values[kept])

    most = min(most, weights.shape[1])
    return Histories.stacked(list(row_blocks(work, len(weights), size=BLOCK)))
