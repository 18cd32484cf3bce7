"""What a hybrid learns on: users whose next items were held back, from one split or from several."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.data.training_data import TrainingData
from engine.evaluation.metrics import Hits
from engine.evaluation.protocols import Protocol, random_holdout, repeated
from engine.evaluation.splits import Holdout
from engine.fitting.columns import Columns, stacked
from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.histories import Histories
from engine.ground.ranking import top
from engine.scorers.scorer import Scorer

FEW_USERS = 250
"""fewer answers than this, and data is split again"""
MOST_SPLITS = 8
CANDIDATES = 100
DEPTH = 10


@dataclass(frozen=True)
class Validation:
    """The users of all splits are rows of one table, whose scores come from models of their own split."""

    parts: tuple[TrainingData, ...]
    holdouts: tuple[Holdout, ...]
    columns: tuple[Columns, ...] = ()
    """of each part, where only candidates are asked about; empty: all items"""

    @classmethod
    def of(cls, data: TrainingData, protocol: Protocol, *, users: int, seed: int) -> "Validation":
        """users: the most to ask of one split. Raises: DataError, if nobody can be asked."""
        asked = min(users, FEW_USERS)
        series = repeated(
            data.interactions, protocol, seed=seed, users=asked, most=MOST_SPLITS, repeats=data.own_items
        )
        return cls._sampled(data, series, users, seed)

    @classmethod
    def by_chance(cls, data: TrainingData, share: float, *, users: int, seed: int) -> "Validation":
        """A random share of every user's items, at least one, held back. Raises: DataError, like `of`."""
        pairs = data.interactions.distinct()
        first = random_holdout(pairs, seed, share=share)
        more = min(MOST_SPLITS, -(-FEW_USERS // len(first.users))) - 1
        series = [first, *(random_holdout(pairs, seed + 1 + at, share=share) for at in range(more))]
        return cls._sampled(data, series, users, seed)

    @classmethod
    def _sampled(cls, data: TrainingData, series: Iterable[Holdout], users: int, seed: int) -> "Validation":
        holdouts = tuple(_sampled(holdout, users, seed) for holdout in series)
        return cls(tuple(data.with_interactions(one.train) for one in holdouts), holdouts)

    def narrowed(self, scorers: Iterable[Sequence[Scorer]]) -> "Validation":
        """The same with the candidates of these alone. scorers: of each, one per part."""
        by_part = list(zip(*scorers, strict=True))
        if not by_part:
            return self
        found = (
            Columns.of(own, holdout.inputs, holdout.relevant, part.memory.by_popularity)
            for own, holdout, part in zip(by_part, self.holdouts, self.parts, strict=True)
        )
        return replace(self, columns=tuple(stacked(found)))

    @cached_property
    def _columns(self) -> tuple[Columns, ...]:
        return self.columns or tuple(Columns() for _ in self.parts)

    @property
    def held(self) -> float:
        """The share of the asked users' items that is held back."""
        kept = sum(len(one.inputs.items) for one in self.holdouts)
        held = sum(len(one.relevant.items) for one in self.holdouts)
        return held / (held + kept)

    @cached_property
    def relevant(self) -> Histories:
        """In columns of the table."""
        pairs = zip(self._columns, self.holdouts, strict=True)
        found = [columns.placed(holdout.relevant) for columns, holdout in pairs]
        return found[0] if len(found) == 1 else Histories.stacked(found)

    def placed(self, part: int, items: Histories) -> Histories:
        """Items held back in this part, as columns of the table."""
        return self._columns[part].placed(items)

    @property
    def among(self) -> Codes | None:
        """Users x columns of the table: their items, where these are not all items in order."""
        found = [one.items for one in self._columns if one.items is not None]
        return np.concatenate(found) if found else None

    def trained(self, train: Callable[[TrainingData], Scorer]) -> list[Scorer]:
        return [train(part) for part in self.parts]

    def scores(self, scorers: Sequence[Scorer]) -> Floats:
        """Users x items of one model per split; what is in a user's history is at -inf,
        unless it may come again."""
        tables = [_scores(*one) for one in zip(self._columns, scorers, self.holdouts, strict=True)]
        return tables[0] if len(tables) == 1 else np.concatenate(tables)

    @cached_property
    def ranks(self) -> Codes:
        """Users x items: the items' places by popularity in the part that a user's models were trained on."""
        tables = []
        for part, holdout, columns in zip(self.parts, self.holdouts, self._columns, strict=True):
            tables.append(columns.told(part.memory.ranks, len(holdout.users)))
        return tables[0] if len(tables) == 1 else np.concatenate(tables)

    def quality(self, scores: Floats) -> float:
        """Mean NDCG@10."""
        lists, _ = top(scores, DEPTH, self.ranks)
        return float(Hits.of(lists, self.relevant, scores.shape[1]).ndcg(DEPTH).mean())

    def candidates(self, scores: Floats, depth: int = CANDIDATES) -> tuple[Floats, Mask]:
        """Of scores (users x items) those of every user's best items, flat, and whether they were touched."""
        items, values = top(scores, depth, self.ranks)
        known = values > -np.inf
        hits = Hits.of(np.where(known, items, -1), self.relevant, scores.shape[1]).hits
        return values[known], hits[known]


def _sampled(holdout: Holdout, users: int, seed: int) -> Holdout:
    if len(holdout.users) <= users:
        return holdout
    rows = np.sort(np.random.default_rng(seed).permutation(len(holdout.users))[:users])
    return replace(
        holdout,
        users=holdout.users[rows],
        inputs=holdout.inputs.take(rows),
        relevant=holdout.relevant.take(rows),
    )


def _scores(columns: Columns, scorer: Scorer, holdout: Holdout) -> Floats:
    scores = columns.scores(scorer, holdout.inputs, holdout.users)
    if not holdout.repeats:
        columns.exclude(scores, holdout.inputs)
    return scores
