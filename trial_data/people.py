"""Simulated people with hidden tastes. None of them exists; what they would do with a list is known exactly.

Somebody who is shown a list looks at a place of it with the chance that the place has (position bias), and
acts on what they look at with the chance that they and the item have. Neither depends on what they did
before, so that the conversion that is to be expected of any list can be computed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trial_data.arrays import Floats, Ints

TOPICS = 10
ACTION = "like"
_DAY = 86_400
_ATTENTION = 0.4
_FADING = 0.7
_MOST = 0.6
_EVEN = 0.06
_KEEN = 0.45


@dataclass(frozen=True)
class Town:
    """activity: (people,), the chance that somebody visits on a day. chances: (people, items), that somebody
    who looks at an item acts on it. favourites: (people,), topics, of which there are TOPICS.
    """

    seed: int
    people: tuple[str, ...]
    items: tuple[str, ...]
    activity: Floats
    chances: Floats
    favourites: Ints
    topics: Ints

    @cached_property
    def item_rows(self) -> Mapping[str, int]:
        return {item: row for row, item in enumerate(self.items)}

    @cached_property
    def person_rows(self) -> Mapping[str, int]:
        return {person: row for row, person in enumerate(self.people)}

    def chances_in(self, person: int, items: Sequence[str]) -> Floats:
        """Of each item at its place, that the person acts on it. person: a row."""
        rows = [self.item_rows[item] for item in items]
        return np.asarray(looked_at(len(rows)) * self.chances[person, rows])

    def conversion(self, lists: Mapping[str, Sequence[str]]) -> float:
        """Expected actions per impression, if everybody is shown their list at each visit: the truth."""
        rows = [(self.person_rows[person], items) for person, items in lists.items() if items]
        acted = sum(self.activity[row] * self.chances_in(row, items).sum() for row, items in rows)
        shown = sum(self.activity[row] * len(items) for row, items in rows)
        return float(acted / shown) if shown else 0.0


def looked_at(places: int) -> Floats:
    """(places,): the chance that a place is looked at: 1 of the first, towards 0.4 of the last."""
    return np.asarray(_ATTENTION + (1 - _ATTENTION) * _FADING ** np.arange(places))


def town(seed: int, *, people: int = 240, items: int = 120, tastes: bool = True) -> Town:
    """tastes: without them everybody likes everything alike, so that no list is better than another one."""
    rng = np.random.default_rng([seed, 0])
    topics = np.arange(items, dtype=np.int64) % TOPICS
    liking = rng.standard_gamma(np.linspace(0.35, 0.15, TOPICS), (people, TOPICS)) + 1e-6
    liking /= liking.sum(axis=1, keepdims=True)
    appeal = rng.lognormal(0.0, 0.3, items)
    eager = rng.gamma(6.0, 1 / 6, people)
    chances = _KEEN * liking[:, topics] * appeal if tastes else np.full((people, items), _EVEN)
    return Town(
        seed=seed,
        people=tuple(f"person-{number:03d}" for number in range(people)),
        items=tuple(f"show-{number:03d}" for number in range(items)),
        activity=np.asarray(rng.beta(4.0, 3.0, people)),
        chances=np.asarray(np.minimum(eager[:, None] * (chances + 0.002), _MOST)),
        favourites=liking.argmax(axis=1),
        topics=topics,
    )


def history(of: Town, *, until: int, days: int = 30, each: int = 24) -> Iterator[tuple[str, str, str, int]]:
    """What people did by themselves before anything was recommended: person, item, action, seconds since
    1970, in order of time. until: seconds at which it ends. each: different items of everybody.
    """
    rng = np.random.default_rng([of.seed, 1])
    rows = []
    for person, name in enumerate(of.people):
        share = of.chances[person] / of.chances[person].sum()
        chosen = rng.choice(len(of.items), size=min(each, len(of.items)), replace=False, p=share)
        times = rng.integers(until - days * _DAY, until, len(chosen))
        rows += [
            (int(at), name, of.items[item]) for at, item in zip(times.tolist(), chosen.tolist(), strict=True)
        ]
    yield from ((name, item, ACTION, at) for at, name, item in sorted(rows))
