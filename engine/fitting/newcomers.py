"""What popularity weighs beside a blend for people with short histories, learned from people left out.

A blend's weights are learned from people as they are; of one item it may say less than what is popular does.
So some people are left out of training, and asked about with the first one, two, three ... items of theirs
(in time, or in any order where what is held back has none): what came next?
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.interactions import Interactions
from engine.data.memory import DENSE_ITEMS
from engine.data.sorting import oldest_first
from engine.data.training_data import TrainingData
from engine.fitting.blending import GAP, Pool, pooled
from engine.fitting.columns import Columns
from engine.fitting.validation import FEW_USERS
from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.errors import ConfigError
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import EXCLUDED
from engine.ground.vocabulary import UNKNOWN
from engine.scorers.blend import Newcomers
from engine.scorers.scorer import Scorer
from engine.serving.calibration import SUREST, ByLength, Calibration, calibrated

LENGTHS = (1, 2, 3, 5, 10)
"""people with up to so many items are told apart"""
AHEAD = 3
"""items that came next, and are right"""
STRENGTHS = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""of popularity, in spreads of the blend's scores near the top"""
LEFT_OUT = 0.25
"""the most people to leave out of a training, of all"""
ENOUGH = 500
"""where no training is needed for them; with trainings of their own about FEW_USERS, as for weights"""
SPARE = 0.05
"""the most people that everything else is learned without, of all"""
MOST_TRAININGS = 4
MOST_CELLS = 20_000_000
"""people x items"""
FEWEST = 20
BINS = 20
"""of chances, which are learned from few people's answers"""
NEIGHBOURING = 0.5
"""what the next shorter and the next longer histories count when a strength is chosen"""


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """People with histories of up to `longest` items, beyond those of the one before."""

    longest: int
    popularity: float
    """its weight on the raw shares of all touches, beside the blend's raw scores"""
    calibration: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """raw scores and their chances, as of the hybrid; None: the hybrid's"""

    def __post_init__(self) -> None:
        if self.longest < 1 or self.popularity < 0:
            raise ConfigError(f"needs a length of at least 1 and a weight of at least 0, got {self}")


def scored(learned: Sequence[Newcomer], popularity: Floats) -> Newcomers | None:
    if not any(one.popularity for one in learned):
        return None
    lengths, weights = tuple(one.longest for one in learned), tuple(one.popularity for one in learned)
    return Newcomers(popularity, lengths, weights)


def meant(learned: Sequence[Newcomer]) -> ByLength | None:
    """None where no length has chances of its own."""
    own = [one for one in learned if one.calibration is not None]
    if not own or len(own) < len(learned):
        return None
    chances = tuple(Calibration(*one.calibration) for one in own if one.calibration is not None)
    return ByLength(tuple(one.longest for one in own), chances)


@dataclass(frozen=True)
class Apart:
    """People whom nothing else is learned from."""

    pairs: Interactions
    """of all"""
    people: Codes

    def rest(self, data: TrainingData) -> TrainingData:
        return data.with_interactions(data.interactions.where(~self._out[data.interactions.users]))

    def asked(self, part: TrainingData, blend: Scorer, by_time: bool, seed: int, dense_items: int) -> "Asked":
        """part: what the blend was trained on, without them."""
        own = self.pairs.where(self._out[self.pairs.users])
        return Asked.of(part, self.people, _in_order(own, by_time, seed), blend, dense_items)

    @property
    def _out(self) -> Mask:
        return _mask(len(self.pairs.user_ids), self.people)


def some(data: TrainingData, pairs: int, *, seed: int) -> TrainingData:
    """With some of the people, drawn by chance, so that about so many pairs are left; or all of it."""
    own = _pairs(data)
    share = pairs / max(len(own), 1)
    if share >= 1:
        return data
    drawn = np.random.default_rng(seed).random(len(own.user_ids)) < share
    return data.with_interactions(own.where(drawn[own.users]))


def apart(data: TrainingData, some: TrainingData, *, users: int, seed: int) -> Apart | None:
    """Of those who are not among some of the data, or else of these; None where they are too many of them."""
    pairs, kept = _pairs(data), _pairs(some)
    able, without = _able(pairs), _able(kept)
    size = min(ENOUGH, _most(pairs, users))
    others = np.setdiff1d(able, without)
    if len(others) < size:
        if size > len(able) * SPARE:
            return None
        others = able
    return Apart(pairs, np.sort(np.random.default_rng(seed).permutation(others)[:size]))


def learn(
    data: TrainingData,
    train: Callable[[TrainingData], Scorer],
    *,
    by_time: bool,
    missing: float,
    users: int,
    dense_items: int,
    seed: int,
) -> tuple[Newcomer, ...]:
    """From trainings of their own: what `learned` does.

    train: the blend without this. users: the most to ask. missing: as of the hybrid's chances.
    """
    asked = [
        Asked.of(part, people, pairs, train(part), dense_items)
        for part, people, pairs in _trainings(data, by_time=by_time, users=users, seed=seed)
    ]
    return learned(asked, missing=missing)


def learned(asked: "Sequence[Asked]", *, missing: float) -> tuple[Newcomer, ...]:
    """One for each of LENGTHS that somebody can be asked about."""
    lengths = [length for length in LENGTHS if any(one.by_length.get(length) for one in asked)]
    if not lengths:
        return ()
    groups = {at: [one.by_length[at] for one in asked if at in one.by_length] for at in lengths}
    curves = np.array([_qualities(groups[length]).mean(axis=1) for length in lengths])
    found = []
    for at, length in enumerate(lengths):
        away = np.abs(np.arange(len(lengths)) - at)
        say = np.where(away < 2, NEIGHBOURING**away, 0)
        strength = STRENGTHS[int(np.argmax(say @ curves))]
        scale = float(np.mean([one.pool.spreads[0] / one.pool.spreads[1] for one in groups[length]]))
        found.append(_newcomer(length, strength * scale, groups[length], missing))
    return tuple(found)


@dataclass(frozen=True)
class _Group:
    """People of one training, asked about with so many items each."""

    pool: Pool
    """of the blend and of popularity"""
    next_one: Mask
    """people x candidates of the pool: did it come at once?"""


@dataclass(frozen=True)
class Asked:
    by_length: dict[int, _Group]

    @classmethod
    def of(
        cls, part: TrainingData, people: Codes, pairs: Interactions, scorer: Scorer, dense_items: int
    ) -> "Asked":
        """pairs: of the people alone, by user and in their order.

        dense_items: of more items, candidates alone are asked about.
        """
        table = pairs.as_visits() if part.own_items else pairs.as_histories()
        found = {}
        for length in LENGTHS:
            able = people[table.lengths[people] > length]
            if len(able):
                found[length] = _group(part, table.take(able), length, scorer, dense_items)
        return cls(found)


def _group(part: TrainingData, people: Histories, length: int, scorer: Scorer, dense_items: int) -> _Group:
    inputs, ahead = people.oldest(length), _distinct(people.between(length, length + AHEAD))
    columns = Columns()
    if len(part.memory.item_ids) > dense_items:
        columns = Columns.of([scorer], inputs, ahead, part.memory.by_popularity)
    blend = columns.scores(scorer, inputs, np.full(len(people), UNKNOWN, np.int32))
    ranks = columns.told(part.memory.ranks, len(people))
    shares = np.array(columns.told(part.memory.popularity, len(people)))
    shares[blend == EXCLUDED] = EXCLUDED
    if not part.own_items:
        columns.exclude(blend, inputs)
        columns.exclude(shares, inputs)
    pool = pooled([blend, shares], columns.placed(ahead), ranks)
    first = columns.placed(people.between(length, length + 1))
    return _Group(pool, pooled([blend, shares], first, ranks).wanted)


def _qualities(groups: Sequence[_Group]) -> NDArray[np.float64]:
    """Strengths x people: NDCG@10."""
    return np.array(
        [
            np.concatenate([one.pool.quality(one.pool.blended(np.array([1.0, size]))) for one in groups])
            for size in STRENGTHS
        ]
    )


def _newcomer(length: int, weight: float, groups: Sequence[_Group], missing: float) -> Newcomer:
    values, touched = [], []
    for one in groups:
        raw = one.pool.blended(np.array([one.pool.spreads[0], weight * one.pool.spreads[1]]))
        known = raw > GAP
        values.append(raw[known])
        touched.append(one.next_one[known])
    found = calibrated(np.concatenate(values), np.concatenate(touched), BINS)
    if found is None:
        return Newcomer(longest=length, popularity=weight)
    expected = length * missing / (1 - missing) if missing else 1.0  # items that are to come
    chances = tuple(min(chance * expected, SUREST) for chance in found.chances)
    return Newcomer(longest=length, popularity=weight, calibration=(found.scores, chances))


def _trainings(
    data: TrainingData, *, by_time: bool, users: int, seed: int
) -> list[tuple[TrainingData, Codes, Interactions]]:
    """Data without some people; those; and their pairs in order. Nobody is left out twice."""
    rng = np.random.default_rng(seed)
    pairs = _pairs(data)
    able = rng.permutation(_able(pairs))
    most = _most(pairs, users)
    size = min(most, int(len(able) * LEFT_OUT))
    if not size:
        return []
    in_order = _in_order(pairs, by_time, seed)
    found = []
    for at in range(min(MOST_TRAININGS, max(round(min(FEW_USERS, most) / size), 1))):
        people = np.sort(able[at * size : (at + 1) * size])
        out = _mask(len(pairs.user_ids), people)
        kept = pairs.where(~out[pairs.users])
        if len(kept):
            own = in_order.where(out[in_order.users])
            found.append((data.with_interactions(kept), people, own))
    return found


def _pairs(data: TrainingData) -> Interactions:
    """What is learned from: distinct pairs, or all events where items come again."""
    return data.interactions if data.own_items else data.pairs


def _able(pairs: Interactions) -> Codes:
    """People of whom something comes after something."""
    return np.flatnonzero(np.bincount(pairs.users, minlength=len(pairs.user_ids)) > 1).astype(np.int32)


def _most(pairs: Interactions, users: int) -> int:
    return max(min(users, MOST_CELLS // min(max(len(pairs.item_ids), 1), DENSE_ITEMS)), FEWEST)


def _in_order(pairs: Interactions, by_time: bool, seed: int) -> Interactions:
    """By user, then in time or in any order."""
    moments = pairs.times if by_time else np.random.default_rng(seed).permutation(len(pairs)).astype(np.int64)
    return pairs.where(oldest_first(pairs.users, pairs.items, moments))


def _mask(size: int, codes: Codes) -> Mask:
    found: Mask = np.zeros(size, np.bool_)
    found[codes] = True
    return found


def _distinct(ahead: Histories) -> Histories:
    """Each item of a row once."""
    width = int(ahead.items.max(initial=0)) + 1
    _, first = np.unique(ahead.rows * width + ahead.items, return_index=True)
    lengths = np.bincount(ahead.rows[first], minlength=len(ahead))
    return Histories(offsets_of(lengths), ahead.items[first], ahead.weights[first])
