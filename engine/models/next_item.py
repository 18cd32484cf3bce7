"""What comes next, by ridge regression: the next item on the history before it, decayed by age.

The closed form of Choi et al., "Session-aware Linear Item-Item Models for Session-based Recommendation" (WWW
2021), with one block of features per half-life: W = (F'F + lambda I)^-1 F'Y, where a row of F is a history up
to some moment and the same row of Y what was touched next. Both products are summed from pairs of items a lag
apart, one lag after the other, so F itself is never there. Items touched in the same second have no order:
chance decides it in F, and in F'Y they follow each other half in each direction. Where items come again, all
events are learned from, and an item may say something about itself.

Time grows with the cube of the features: one block of all items up to `max_items`, the other blocks of the
most popular items as far as `features` allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData, refuse_more_than
from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.errors import ConfigError, DataError
from engine.ground.histories import FAINT, Histories, Recency, offsets_of
from engine.ground.sparse import turned
from engine.ground.threads import blocks as row_blocks
from engine.ground.vocabulary import UNKNOWN
from engine.models.fitted import fitted
from engine.scorers.blend import BlendScorer, Part
from engine.scorers.item_item import NeighbourScorer
from engine.serving.trained_model import Model

Places = NDArray[np.int64]
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
    blocks: "list[_Block]"
    neighbours: int

    @classmethod
    def of(cls, data: TrainingData, config: NextItemConfig) -> "Counted":
        """Raises: DataError, if there are too many items."""
        items = len(data.interactions.item_ids)
        refuse_more_than(items, config.max_items)
        blocks = _blocks(data, config)
        return cls(_System(*_counted(data.sequence, blocks, items)), blocks, config.neighbours)

    def scorer(self, strength: float) -> BlendScorer:
        return _scorer(self.system.solved(strength), self.blocks, self.neighbours)


@dataclass(frozen=True)
class _Block:
    half_life: float
    first: int
    """its first feature"""
    items: Codes
    """of its features"""
    place: Codes
    """per item its place among `items`, -1 where it has none"""

    def features_of(self, items: Codes) -> Places:
        """-1 for items that it has none for."""
        place = self.place[items].astype(np.int64)
        return np.where(place >= 0, place + self.first, UNKNOWN)

    @property
    def decay(self) -> float:
        return float(2 ** (-1 / self.half_life))

    @property
    def lags(self) -> int:
        """So many items back still count: where serving stops too."""
        return ceil(-log2(FAINT) * self.half_life)


def _blocks(data: TrainingData, config: NextItemConfig) -> list[_Block]:
    items = len(data.interactions.item_ids)
    enough = np.bincount(data.sequence.items, minlength=items) >= config.least_touches
    found: list[_Block] = []
    for at, half_life in enumerate(config.half_lives):
        first = sum(len(one.items) for one in found)
        room = items if at == 0 else max(config.features - first, 0) // (len(config.half_lives) - at)
        kept = np.flatnonzero((data.memory.ranks < room) & (enough | (at == 0))).astype(np.int32)
        if len(kept):
            place = np.full(items, -1, np.int32)
            place[kept] = np.arange(len(kept))
            found.append(_Block(half_life, first, kept, place))
    return found


def _counted(pairs: Interactions, blocks: list[_Block], items: int) -> tuple[Floats, Floats]:
    """F'F (features x features, below the diagonal and on it) and Y'F (items x features).

    pairs: by user, oldest first.
    """
    size = blocks[-1].first + len(blocks[-1].items)
    products, targets = np.zeros((size, size), np.float32), np.zeros((items, size), np.float32)
    counts = np.bincount(pairs.users, minlength=len(pairs.user_ids))
    left = np.repeat(offsets_of(counts)[1:], counts) - 1 - np.arange(len(pairs))  # rows of F from here on
    features = [block.features_of(pairs.items) for block in blocks]
    weights, tied = pairs.weights, pairs.times[:-1] == pairs.times[1:]
    lasting = [[_series(one.decay * other.decay, left) * weights for other in blocks] for one in blocks]
    together = np.ones(len(pairs), np.bool_)  # is what is `lag` later of the same second?
    for lag in range(max(block.lags for block in blocks)):
        older = np.flatnonzero(left > lag)
        if not len(older):
            break
        newer = older + lag
        together[: len(tied) - lag] &= tied[lag:]
        for at, one in enumerate(blocks):
            if lag >= one.lags:
                continue
            faded = weights[older] * np.float32(one.decay**lag)
            _follow(targets, pairs, older, lag + 1, faded, features[at], together)
            for place, other in enumerate(blocks):
                if lag or other.first <= one.first:  # of one item alone either order is the same
                    values = faded * lasting[at][place][newer]
                    _meet(products, features[at][older], features[place][newer], values, twice=lag > 0)
    return products, targets


def _series(decay: float, left: Places) -> Floats:
    """The sum of a geometric series: a pair of items is in all rows of F that are left, ever fainter."""
    return ((1 - decay**left) / (1 - decay)).astype(np.float32)


def _follow(
    targets: Floats,
    pairs: Interactions,
    older: Places,
    steps: int,
    values: Floats,
    features: Places,
    together: Mask,
) -> None:
    after = older + steps
    tied = np.flatnonzero(together[older])
    values = values * pairs.weights[after]
    values[tied] *= np.float32(0.5)
    _add(targets, pairs.items[after].astype(np.int64), features[older], values)
    _add(targets, pairs.items[older[tied]].astype(np.int64), features[after[tied]], values[tied])


def _meet(products: Floats, older: Places, newer: Places, values: Floats, *, twice: bool) -> None:
    if twice:
        values = np.where(older == newer, 2 * values, values)
    high = np.where(newer < 0, UNKNOWN, np.maximum(older, newer))
    _add(products, high, np.where(older < 0, UNKNOWN, np.minimum(older, newer)), values)


def _add(table: Floats, rows: Places, columns: Places, values: Floats) -> None:
    cells = rows * table.shape[1] + columns
    if (known := (rows >= 0) & (columns >= 0)).all():
        np.add.at(table.reshape(-1), cells, values)
    else:
        np.add.at(table.reshape(-1), cells[known], values[known])


@dataclass(frozen=True)
class _System:
    """F'F, of which only what lies below the diagonal and on it has to be given, and Y'F.

    Above the diagonal a copy is kept of what a solution overwrites.
    """

    products: Floats
    targets: Floats

    def __post_init__(self) -> None:
        for rows, square in _stripes(len(self.products)):
            low = np.tril(self.products[square], -1)
            self.products[square] = low + low.T + np.diag(np.diag(self.products[square]))
            self.products[: rows.start, rows] = self.products[rows, : rows.start].T

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


def _scorer(weights: Floats, blocks: list[_Block], neighbours: int) -> BlendScorer:
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
