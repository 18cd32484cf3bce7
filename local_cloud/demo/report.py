"""What the demo found out: values only, no I/O and no layout."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    about: str
    tastes: tuple[str, ...]


@dataclass(frozen=True)
class Lists:
    """What a person chose (the strongest and newest events first) and what they get (the best first).

    kinds: the event types that are a choice; where none is said to be, whatever somebody did counts.
    """

    use_case: str
    liked: tuple[str, ...]
    recommended: tuple[str, ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonLists:
    person: Person
    lists: tuple[Lists, ...]


@dataclass(frozen=True)
class Alike:
    """An item, and what is served as similar to it: the most similar first."""

    use_case: str
    item: str
    similar: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """GetSolutionMetrics of the trained model and of popularity, on the same data by the same split."""

    use_case: str
    model: Mapping[str, float]
    popularity: Mapping[str, float]

    def ratio(self, metric: str) -> float | None:
        base = self.popularity.get(metric)
        return self.model[metric] / base if base and metric in self.model else None


@dataclass(frozen=True)
class Timing:
    """Seconds of one execution by phase, in order; `overhead` is what no phase's work explains."""

    use_case: str
    phases: Mapping[str, float]
    total: float
    overhead: float


@dataclass(frozen=True)
class Check:
    claim: str
    holds: bool
    detail: str


@dataclass(frozen=True)
class Asked:
    """What the serving API answered: the best first."""

    person: str
    use_case: str
    status: int
    source: str
    generation: str
    items: tuple[str, ...]


@dataclass(frozen=True)
class Tracked:
    """Impressions and actions: of today before and after events were posted, and those that were posted.

    goal: a share.
    """

    use_case: str
    goal: float
    before: tuple[int, int]
    after: tuple[int, int]
    posted: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Live:
    """`changed`: one list before and after somebody acted, where a campaign answers."""

    asked: tuple[Asked, ...]
    tracked: Tracked | None
    changed: tuple[Asked, Asked] | None
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Report:
    outcomes: tuple[tuple[str, str, str], ...]
    people: tuple[PersonLists, ...]
    comparisons: tuple[Comparison, ...]
    timings: tuple[Timing, ...]
    checks: tuple[Check, ...]
    next_steps: tuple[tuple[str, str], ...] = field(default=())
    live: Live | None = None
    alike: tuple[Alike, ...] = ()
