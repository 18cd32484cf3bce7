"""Scoring by a weighted sum of other scorers, with everything linear merged beforehand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.ground.arrays import Codes, Floats, Offsets
from engine.ground.histories import Histories, Recency
from engine.scorers.factors import LinearFactorScorer
from engine.scorers.item_item import ItemItemScorer, NeighbourScorer
from engine.scorers.popularity import PopularityScorer
from engine.scorers.scorer import Scorer

Linear = ItemItemScorer | NeighbourScorer | LinearFactorScorer


@dataclass(frozen=True)
class Part:
    weight: float
    scorer: Scorer


@dataclass(frozen=True)
class Newcomers:
    """What popularity weighs on top for people with short histories, by their length."""

    shares: Floats
    longest: tuple[int, ...]
    """rising: up to so many entries; beyond the last, nothing is added"""
    weights: tuple[float, ...]
    """on the raw shares, one for each of `longest`"""

    def among(self, items: Codes) -> "Newcomers":
        return replace(self, shares=self.shares[items])

    def add(self, scores: Floats, lengths: Offsets) -> None:
        """Rows x items, in place."""
        weights = np.array([*self.weights, 0], np.float32)[np.searchsorted(self.longest, lengths)]
        for row in np.flatnonzero(weights).tolist():
            scores[row] += weights[row] * self.shares


@dataclass(frozen=True)
class BlendScorer:
    """The sum of weight x score over the parts; of similar items, that of those linear in the history."""

    parts: tuple[Part, ...]
    newcomers: Newcomers | None = None

    def scores(self, histories: Histories, users: Codes) -> Floats:
        heard = [part for part in self.parts if part.weight]
        blocks = [part for part in heard if not isinstance(part.scorer, PopularityScorer)]
        total: Floats | None = None
        for part in blocks:
            scores = part.scorer.scores(histories, users)
            if part.weight != 1:
                scores *= np.float32(part.weight)
            total = scores if total is None else np.add(total, scores, out=total)
        for part in heard:
            if isinstance(part.scorer, PopularityScorer):  # the same row for all: no block of its own
                row = np.float32(part.weight) * part.scorer.shares
                total = np.tile(row, (len(histories), 1)) if total is None else np.add(total, row, out=total)
        assert total is not None
        if self.newcomers is not None:
            self.newcomers.add(total, histories.lengths)
        return total

    @property
    def comparing(self) -> list[Part]:
        """The parts that say how alike items are."""
        heard = [part for part in self.parts if part.weight]
        return [part for part in heard if isinstance(part.scorer, Linear)] or heard[:1]

    def similar(self, items: Codes) -> Floats:
        linear = self.comparing
        total = linear[0].scorer.similar(items) * np.float32(linear[0].weight)
        for part in linear[1:]:
            total += part.scorer.similar(items) * np.float32(part.weight)
        return total


def collapsed(parts: Iterable[Part], items: int, *, dense_items: int) -> BlendScorer:
    """The same blend with the linear scorers of one recency added into one item x item matrix.

    Above `dense_items` items the parts stay as they are; else parts of weight 0 are dropped. Parts are taken
    one by one, and what is merged is let go: of a generator, only one is in memory at a time.
    """
    if items > dense_items:
        return BlendScorer(tuple(_flat(parts)))
    others: list[Part] = []
    alone: dict[Recency | None, Part] = {}
    merged: dict[Recency | None, Floats] = {}
    for part in _flat(parts):
        if part.weight <= 0:
            continue
        if not isinstance(part.scorer, Linear):
            others.append(part)
            continue
        recency = part.scorer.recency
        if recency in merged:
            _add(merged[recency], part)
        elif recency in alone:
            merged[recency] = np.zeros((items, items), np.float32)
            _add(merged[recency], alone.pop(recency))
            _add(merged[recency], part)
        else:
            alone[recency] = part
        del part
    heavy = [Part(1.0, ItemItemScorer(weights, recency)) for recency, weights in merged.items()]
    return BlendScorer((*heavy, *alone.values(), *others))


def _flat(parts: Iterable[Part]) -> Iterator[Part]:
    """A blend among the parts as the parts that it has."""
    for part in parts:
        if isinstance(part.scorer, BlendScorer) and part.scorer.newcomers is None:
            yield from (Part(part.weight * one.weight, one.scorer) for one in part.scorer.parts)
        else:
            yield part


def has_recency(scorer: Scorer) -> bool:
    return hasattr(scorer, "recency")


def _add(total: Floats, part: Part) -> None:
    weight = part.weight
    match part.scorer:
        case ItemItemScorer(weights, _):
            for start in range(0, len(total), 256):
                total[start : start + 256] += np.float32(weight) * weights[start : start + 256]
        case LinearFactorScorer(factors, _):
            for start in range(0, len(total), 256):
                total[start : start + 256] += np.float32(weight) * (factors[start : start + 256] @ factors.T)
        case NeighbourScorer(near, _):
            total[near.rows, near.items] += np.float32(weight) * near.weights
