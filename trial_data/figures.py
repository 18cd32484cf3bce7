"""Conversion of what simulated people were shown, with an interval, beside what was to be expected."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from pipeline.statistics.ratio import NORMAL, ratio
from pipeline.statistics.sums import Sums
from trial_data.visits import Visit, counts

Z = NORMAL.inv_cdf(0.975)


@dataclass(frozen=True)
class Conversion:
    """value: actions per impression; None of fewer than two people. low, high: 95 %, by person. truth:
    actions that the lists were good for, per impression.
    """

    of: str
    people: int
    actions: int
    impressions: int
    value: float | None
    low: float
    high: float
    truth: float

    @property
    def covers(self) -> bool:
        return self.low <= self.truth <= self.high


def conversion(of: str, visits: Sequence[Visit]) -> Conversion:
    people = counts(visits)
    found = ratio(Sums.of(people.values()))
    actions, impressions = (sum(each[part] for each in people.values()) for part in (0, 1))
    expected = sum(one.expected for one in visits)
    value, error = (found.value, Z * sqrt(found.variance)) if found else (0.0, 1.0)
    return Conversion(
        of=of,
        people=len(people),
        actions=actions,
        impressions=impressions,
        value=found.value if found else None,
        low=max(value - error, 0.0),
        high=value + error,
        truth=expected / impressions if impressions else 0.0,
    )


def conversions(visits: Iterable[Visit], by: Callable[[Visit], str]) -> Iterator[Conversion]:
    """In the order in which they were first seen."""
    groups: dict[str, list[Visit]] = {}
    for one in visits:
        groups.setdefault(by(one), []).append(one)
    for name, some in groups.items():
        yield conversion(name, some)


def table(rows: Iterable[Conversion], head: str = "lists of") -> list[str]:
    lines = [
        f"{head:<14}{'people':>7}{'shown':>8}{'acted':>7}{'conversion':>12}{'95 % interval':>18}{'truth':>9}"
    ]
    for row in rows:
        value = "-" if row.value is None else f"{row.value:.2%}"
        interval = f"{row.low:.2%} - {row.high:.2%}"
        lines.append(
            f"{row.of:<14}{row.people:>7,}{row.impressions:>8,}{row.actions:>7,}{value:>12}"
            f"{interval:>18}{row.truth:>9.2%}"
        )
    return lines
