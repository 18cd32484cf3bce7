"""What comes next, by ridge regression: the next item on the history before it, decayed by age.

The closed form of Choi et al., "Session-aware Linear Item-Item Models for Session-based Recommendation" (WWW
2021), with one block of features per half-life: W = (F'F + lambda I)^-1 F'Y, where a row of F is a history up
to some moment and the same row of Y what was touched next (decayed_counts.py sums the products). Where items
come again, all events are learned from, and an item may say something about itself.

Time grows with the cube of the features: one block of all items up to `max_items`, the other blocks of the
most popular items as far as `features` allows. Where there are more items, next_of_many.py says what is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import lapack

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes, Floats
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import Histories, Recency, offsets_of
from engine.ground.near import bounded
from engine.ground.sparse import turned
from engine.ground.threads import blocks as row_blocks
from engine.models.decayed_counts import Block, counted
from engine.models.fitted import fitted
from engine.models.item_neighbours import TARGETS
from engine.models.next_of_many import Rest, merged, of_popular, widened
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
    backwards: float = 0.3
    """what counts as next, of what came before: 0 nothing, 1 as much"""
    neighbours: int = 300
    """of each item that may be recommended and each block: the items that say most about it"""
    features: int = 5_000
    """of all blocks together, but never less than all items once"""
    least_touches: int = 30
    """of an item that has a feature in the other blocks"""
    max_items: int = 4_000
    """where there are more, the regression is of the `popular` ones alone"""
    popular: int = 1_500
    popular_features: int = 2_500
    """of them, in all blocks together"""

    def __post_init__(self) -> None:
        if not self.half_lives or min(self.half_lives) <= 0 or not self.strength > 0:
            raise ConfigError(f"needs half-lives > 0, at least one, and a strength > 0, got {self}")
        if not 0 <= self.backwards <= 1:
            raise ConfigError(f"needs backwards in 0..1, got {self}")
        least = min(self.neighbours, self.features, self.popular, self.popular_features)
        if least < 1 or self.least_touches < 0:
            raise ConfigError(
                "needs neighbours, features and popular items of at least 1 and least touches of at least "
                f"0, got {self}"
            )


def fit(data: Interactions | TrainingData, config: NextItemConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: NextItemConfig) -> BlendScorer:
    return Counted.of(data, config).scorer(config.strength, config.backwards)


@dataclass(frozen=True)
class Counted:
    """All that a scorer needs of the data, whatever the strength and what counts backwards."""

    system: "_System"
    blocks: list[Block]
    neighbours: int
    rest: Rest | None = None
    """where there are many items"""

    @classmethod
    def of(cls, data: TrainingData, config: NextItemConfig) -> "Counted":
        items, ranks = len(data.interactions.item_ids), data.memory.ranks
        if items <= config.max_items:
            blocks = _blocks(data.sequence, ranks, config)
            return cls(_System(*counted(data.sequence, blocks)), blocks, config.neighbours)
        popular = np.flatnonzero(ranks < config.popular).astype(np.int32)
        part = of_popular(data.sequence, popular)
        among = np.append(ranks[popular], np.iinfo(np.int32).max)
        blocks = _blocks(part, among, replace(config, features=config.popular_features))
        rest = Rest(data.sequence, popular, ranks, config.half_lives[0])
        return cls(_System(*counted(part, blocks)), blocks, config.neighbours, rest)

    def scorer(self, strength: float, backwards: float) -> BlendScorer:
        weights = self.system.solved(strength, self._targets(backwards))
        parts = []
        for block in self.blocks:
            near = _strongest(weights[:, block.columns], block.items, self.neighbours)
            if self.rest is not None:
                near = self._of_all(near, self.rest, strength, first=block.first == 0)
            recency = Recency(half_life=block.half_life, floor=0.0)
            by_source = turned(near, len(near))
            if self.rest is not None:
                by_source = bounded(by_source, TARGETS, self.rest.ranks)
            parts.append(Part(1.0, NeighbourScorer(by_source, recency)))
        return BlendScorer(tuple(parts))

    def _targets(self, backwards: float) -> Floats:
        """Of its own: a solution is written over it."""
        targets = self.system.targets.copy()
        for block in self.blocks if backwards else ():
            square = self.system.targets[block.items, block.columns]
            targets[block.items, block.columns] += np.float32(backwards) * square.T
        return targets

    def _of_all(self, near: Histories, rest: Rest, strength: float, *, first: bool) -> Histories:
        near = widened(near, rest.popular, len(rest.ranks))
        return merged([near, rest.neighbours(strength)]) if first else near


def _blocks(sequence: Interactions, ranks: Codes, config: NextItemConfig) -> list[Block]:
    """ranks: of each item, by popularity; of one beyond all others there are no features."""
    items = len(sequence.item_ids)
    enough = np.bincount(sequence.items, minlength=items) >= config.least_touches
    found: list[Block] = []
    for at, half_life in enumerate(config.half_lives):
        first = sum(len(one.items) for one in found)
        room = items if at == 0 else max(config.features - first, 0) // (len(config.half_lives) - at)
        kept = np.flatnonzero((ranks < room) & (enough | (at == 0))).astype(np.int32)
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

    def solved(self, strength: float, targets: Floats) -> Floats:
        """Items x features: what every feature says about every item.

        targets: Y'F, or what is in its place; overwritten.
        Raises: DataError, if the products are not positive definite.
        """
        own = np.diag(self.products).copy()
        np.fill_diagonal(self.products, own + max(strength * float(own.mean()) ** 0.5, 1.0))
        factor, failed = lapack.spotrf(self.products.T, lower=False, overwrite_a=True, clean=False)
        if failed:
            raise DataError("the features are not positive definite; raise the strength")
        weights, _ = lapack.spotrs(factor, targets.T, lower=False, overwrite_b=True)
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
