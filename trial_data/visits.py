"""What simulated people do on a day: who comes, and what they do with the list that they are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from trial_data.people import ACTION, Town

IMPRESSION = "impression"
_OPENS, _SECONDS = 8 * 3600, 12 * 3600
"""People come in twelve hours from eight o'clock on."""


@dataclass(frozen=True)
class Shown:
    """A list as it was answered. arm, experiment: as assigned, if anybody was."""

    items: tuple[str, ...]
    source: str
    variant: str
    generation: str | None = None
    arm: str | None = None
    experiment: int | None = None


@dataclass(frozen=True)
class Visit:
    """at: seconds since 1970. acted: of each item that was shown, whether the person acted on it. expected:
    how many actions the list was good for, which only the simulation knows.
    """

    person: str
    at: int
    shown: Shown
    acted: tuple[bool, ...]
    expected: float

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.at, UTC).date()


def visitors(town: Town, day: date) -> list[tuple[int, int]]:
    """Rows of the people who come on the day, and when (seconds since 1970), in order of time."""
    rng = np.random.default_rng([town.seed, 2, day.toordinal()])
    come = np.flatnonzero(rng.random(len(town.people)) < town.activity)
    begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + _OPENS
    times = begin + rng.integers(0, _SECONDS, len(come))
    return sorted(zip(come.tolist(), times.tolist(), strict=True), key=lambda one: one[1])


def visit(town: Town, person: int, at: int, shown: Shown) -> Visit:
    """The same person at the same time does the same with the same list. person: a row."""
    rng = np.random.default_rng([town.seed, 3, at, person])
    chances = town.chances_in(person, shown.items)
    acted = rng.random(len(shown.items)) < chances
    return Visit(town.people[person], at, shown, tuple(acted.tolist()), float(chances.sum()))


def told(town: Town, of: Visit) -> Iterator[tuple[str, str, str]]:
    """Its events: id, type and item, impressions first."""
    mark = f"{town.seed}-{of.at}-{of.person}"
    for place, item in enumerate(of.shown.items):
        yield f"{mark}-{place}", IMPRESSION, item
    for place, (item, acted) in enumerate(zip(of.shown.items, of.acted, strict=True)):
        if acted:
            yield f"{mark}-{place}-{ACTION}", ACTION, item


def counts(visits: Sequence[Visit]) -> dict[str, tuple[int, int]]:
    """Actions and impressions of each person."""
    found: dict[str, tuple[int, int]] = {}
    for one in visits:
        acted, shown = found.get(one.person, (0, 0))
        found[one.person] = acted + sum(one.acted), shown + len(one.acted)
    return found
