"""What circumstances change: shrunk log-ratios of P(item | value) to P(item), their weight learned.

With n events of a column, n_i of the item, n_v of the value and n_iv of both, n_iv is taken for Poisson with
the mean e_iv x r_iv, e_iv = n_i n_v / n, and r_iv for Gamma distributed with mean 1 and variance V; then the
posterior mean of r_iv is (n_iv + 1/V) / (e_iv + 1/V) (DuMouchel, "Bayesian Data Mining in Large Frequency
Tables", The American Statistician 53, 1999). V is estimated from the same table by moments: it is Pearson's
phi squared less what chance would give (Bergsma, "A bias-correction for Cramer's V and Tschuprow's T",
Journal of the Korean Statistical Society 42, 2013). Columns add up, as if they were independent given the
item (naive Bayes).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.contexts import Contexts
from engine.data.training_data import TrainingData
from engine.evaluation.metrics import Hits
from engine.fitting.blending import better
from engine.fitting.validation import Validation
from engine.ground.arrays import Codes, Floats, Ids, Offsets
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import top
from engine.scorers.contextual import ContextColumn, ContextModel, spread_of

WEIGHTS = (0.02, 0.05, 0.1, 0.2, 0.4)
LARGEST_WEIGHT = 3.2
"""tried only where every smaller double of the last of WEIGHTS was clearly better than the one before"""
EXPONENTS = (0.25, 0.5, 0.75, 1.0)
ROUNDS = 2
CONFIDENCE = 2.0
"""a weight must gain so many standard errors of its gain"""
MOST_CELLS = 10_000_000
"""values x items of a column; of more values, the most frequent"""
MOST_QUESTIONS = 2000
DEPTH = 10
BLOCK = 256


@dataclass(frozen=True, kw_only=True)
class ContextWeight:
    """How much a column counts; see engine/scorers/contextual.py for the units."""

    column: str
    weight: float
    cold: float

    def __post_init__(self) -> None:
        if self.weight < 0 or self.cold < 0:
            raise ConfigError(f"weights of a context must not be negative, got {self}")


def fit(data: TrainingData, weights: Sequence[ContextWeight]) -> ContextModel | None:
    """None where no column has a weight, or any association with items."""
    if data.contexts is None:
        return None
    events = data.contexts.within(data.interactions)
    columns = []
    for chosen in weights:
        if chosen.column in events.columns and chosen.weight + chosen.cold > 0:
            values, ratios = log_ratios(events, chosen.column, len(data.interactions.item_ids))
            if len(values):
                columns.append(ContextColumn(chosen.column, values, ratios, chosen.weight, chosen.cold))
    return ContextModel(tuple(columns)) if columns else None


def log_ratios(events: Contexts, column: str, items: int) -> tuple[Ids, Floats]:
    """Values, and values x items; both empty where items and values are not associated.

    A user counts once for an item and a value, however often.
    """
    values, codes = _frequent(events, column, max(MOST_CELLS // max(items, 1), 1))
    counts = _counts(events, codes, len(values), items)
    ratios = shrunk(counts)
    return (values, ratios) if ratios.any() else (values[:0], ratios[:0])


def shrunk(counts: NDArray[np.int64]) -> Floats:
    """Log-ratios of a table of counts, values x items; all 0 where chance explains the table."""
    whole = counts.sum()
    of_values, of_items = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    freedom = (np.count_nonzero(of_values) - 1) * (np.count_nonzero(of_items) - 1)
    if whole < 2 or freedom <= 0:
        return np.zeros(counts.shape, np.float32)
    expected = of_values * (of_items / whole)
    squares = np.divide((counts - expected) ** 2, expected, out=np.zeros_like(expected), where=expected > 0)
    variance = squares.sum() / whole - freedom / (whole - 1)
    if variance <= 0:
        return np.zeros(counts.shape, np.float32)
    prior = 1 / variance
    ratios: Floats = np.log((counts + prior) / (expected + prior)).astype(np.float32)
    return ratios


def learn(data: TrainingData, validation: Validation, blend: Floats) -> tuple[ContextWeight, ...]:
    """The weights of the columns, chosen for NDCG@10; none that is not clearly better than no context.

    A question is a validation user with the circumstances in which some of what was held back was
    touched, and is answered from the part of the data that the split trains on. Users without a
    history are the same users, asked as if nothing were known of them.
    """
    if data.contexts is None:
        return ()
    asked = _Asked.of(data.contexts, validation, blend)
    if asked is None:
        return ()
    warm = asked.climbed(WEIGHTS, LARGEST_WEIGHT, cold=False)
    cold = asked.climbed(EXPONENTS, max(EXPONENTS), cold=True)
    return tuple(
        ContextWeight(column=name, weight=warm[name], cold=cold[name])
        for name in asked.codes
        if warm[name] + cold[name] > 0
    )


@dataclass(frozen=True)
class _Asked:
    """Per question its row in the blend's table, its labels as rows of `tables`, and what was right."""

    blend: Floats
    rows: Offsets
    codes: Mapping[str, Codes]
    tables: Mapping[str, Floats]
    """log-ratios of all splits below each other, row 0 for what is not known"""
    relevant: Histories
    shares: Floats
    """log of popularity, per split"""
    splits: Offsets
    """per question"""
    ranks: Codes
    """users x items, as rows of the blend: which of equal scores comes first"""
    among: Codes | None
    """as rows of the blend the items of its columns, where these are not all items in order"""

    @classmethod
    def of(cls, contexts: Contexts, validation: Validation, blend: Floats) -> "_Asked | None":
        width = len(validation.parts[0].memory.item_ids)
        tables = {name: [np.zeros((1, width), np.float32)] for name in contexts.columns}
        heights = dict.fromkeys(contexts.columns, 1)
        found: dict[str, list[Codes]] = {name: [] for name in contexts.columns}
        rows, items, splits, start = [], [], [], 0
        for at, (part, holdout) in enumerate(zip(validation.parts, validation.holdouts, strict=True)):
            relevant = holdout.relevant
            own = contexts.within(part.interactions)
            newest = contexts.newest(holdout.users[relevant.rows], relevant.items, width)
            for name, labels in contexts.columns.items():
                values, ratios = log_ratios(own, name, width)
                place = np.full(len(labels.values) + 1, 0, np.int32)
                place[np.searchsorted(labels.values, values)] = heights[name] + np.arange(len(values))
                found[name].append(place[newest[name]])
                tables[name].append(ratios)
                heights[name] += len(values)
            rows.append(start + relevant.rows)
            items.append(validation.placed(at, relevant).items)
            splits.append(np.full(len(relevant.items), at))
            start += len(relevant)
        codes = {name: np.concatenate(parts) for name, parts in found.items()}
        stacked = {name: np.concatenate(parts) for name, parts in tables.items()}
        return cls._questions(
            blend,
            np.concatenate(rows),
            np.concatenate(items),
            codes,
            stacked,
            np.stack([_log_shares(part) for part in validation.parts]),
            np.concatenate(splits),
            validation.ranks,
            validation.among,
        )

    @classmethod
    def _questions(
        cls,
        blend: Floats,
        rows: Offsets,
        items: Codes,
        codes: Mapping[str, Codes],
        tables: Mapping[str, Floats],
        shares: Floats,
        splits: Offsets,
        ranks: Codes,
        among: Codes | None,
    ) -> "_Asked | None":
        """Of held-back pairs: those of one user in the same circumstances make one question."""
        known = np.flatnonzero(np.any([own > 0 for own in codes.values()], axis=0))
        if not len(known):
            return None
        asked = np.column_stack([rows[known], *(own[known] for own in codes.values())])
        _, first, owner = np.unique(asked, axis=0, return_index=True, return_inverse=True)
        owner = owner.reshape(-1)
        order = np.argsort(owner, kind="stable")
        relevant = Histories(
            offsets_of(np.bincount(owner)), items[known][order], np.ones(len(order), np.float32)
        )
        chosen = np.arange(len(first))
        if len(first) > MOST_QUESTIONS:
            chosen = np.sort(np.random.default_rng(0).permutation(len(first))[:MOST_QUESTIONS])
        at = known[first[chosen]]
        own = {name: column[at] for name, column in codes.items()}
        return cls(blend, rows[at], own, tables, relevant.take(chosen), shares, splits[at], ranks, among)

    def climbed(self, sizes: Sequence[float], largest: float, *, cold: bool) -> dict[str, float]:
        """Column after column the least size that is about as good as the best, and better than before.

        The rule of one standard error (Breiman et al., "Classification and Regression Trees", 1984).
        """
        weights = dict.fromkeys(self.codes, 0.0)
        quality = self._quality(weights, cold)
        for _ in range(ROUNDS if len(weights) > 1 else 1):
            before = weights
            for name in self.codes:
                tried = [{**weights, name: size} for size in (0.0, *sizes) if size != weights[name]]
                qualities = [self._quality(one, cold) for one in tried]
                best = max(qualities, key=np.mean)
                for one, found in zip(tried, qualities, strict=True):
                    if better(found, quality, CONFIDENCE) and not better(best, found, 1.0):
                        weights, quality = one, found
                        break
                while sizes[-1] <= weights[name] <= largest / 2:
                    further = {**weights, name: 2 * weights[name]}
                    found = self._quality(further, cold)
                    if not better(found, quality, CONFIDENCE):
                        break
                    weights, quality = further, found
            if weights == before:
                break
        return weights

    def _quality(self, weights: Mapping[str, float], cold: bool) -> NDArray[np.float64]:
        """NDCG@10 of every question."""
        parts = [
            self._lists(np.s_[start : start + BLOCK], weights, cold)
            for start in range(0, len(self.rows), BLOCK)
        ]
        return Hits.of(np.concatenate(parts), self.relevant, self.blend.shape[1]).ndcg(DEPTH)

    def _lists(self, part: slice, weights: Mapping[str, float], cold: bool) -> Codes:
        scores = self.blend[self.rows[part]]
        scale = spread_of(scores)
        if cold:
            shares = self._of(self.shares, self.splits[part], part)
            scores = np.where(np.isneginf(scores), scores, shares)
            scale = np.ones_like(scale)
        for name, weight in weights.items():
            if weight:
                ratios = self._of(self.tables[name], self.codes[name][part], part)
                scores += np.float32(weight) * scale * ratios
        items, values = top(scores, DEPTH, self.ranks[self.rows[part]])
        return np.where(values > -np.inf, items, -1).astype(np.int32)

    def _of(self, table: Floats, rows: Codes | Offsets, part: slice) -> Floats:
        """Questions x columns of the blend: these rows of a table with a column per item."""
        return table[rows] if self.among is None else table[rows[:, None], self.among[self.rows[part]]]


def _log_shares(part: TrainingData) -> Floats:
    with np.errstate(divide="ignore"):
        shares: Floats = np.log(part.memory.popularity)
    return shares


def _frequent(events: Contexts, column: str, most: int) -> tuple[Ids, Codes]:
    """Values that occur, of too many the most frequent; the codes of the events among them."""
    labels = events.columns[column]
    known = labels.codes >= 0
    counts = np.bincount(labels.codes[known], minlength=len(labels.values))
    kept = np.argsort(-counts, kind="stable")[:most]
    kept = np.sort(kept[counts[kept] > 0])
    place = np.full(len(labels.values) + 1, -1, np.int32)
    place[kept] = np.arange(len(kept))
    return labels.values[kept], place[labels.codes]


def _counts(events: Contexts, codes: Codes, values: int, items: int) -> NDArray[np.int64]:
    """Values x items: how many users."""
    rows = np.flatnonzero(codes >= 0)
    pairs = events.users[rows].astype(np.int64) * items + events.items[rows]
    distinct = np.unique(pairs * max(values, 1) + codes[rows])
    pairs, own = np.divmod(distinct, max(values, 1))
    return np.bincount(own * items + pairs % items, minlength=values * items).reshape(values, items)
