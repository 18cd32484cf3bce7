"""Counts as CloudWatch is told of them.

Every figure is the whole count of its hour or day, dated with the beginning of it: told again, or told by
several consumers at once, the greatest one is right (statistic Maximum). Nothing has to be added up, and so
nothing is added twice when a consumer dies between counting and telling.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipeline.tracking.counters import ACTIONS, IMPRESSIONS, Count

OLDEST_DAYS = 13
"""CloudWatch takes nothing that is older than two weeks."""

Hour = tuple[str, str, int]
"""Use case, day, hour."""


@dataclass(frozen=True)
class Figures:
    """Metrics of the same dimensions and time."""

    time: datetime
    dimensions: Mapping[str, str]
    values: Mapping[str, int]


def figures(counts: Iterable[Count], hours: Set[Hour], *, now: float) -> list[Figures]:
    """Impressions and Actions of these hours, ImpressionsPerDay and ActionsPerDay of their days; each for the
    use case as a whole, and by variant and source.
    """
    oldest = datetime.fromtimestamp(now, UTC) - timedelta(days=OLDEST_DAYS)
    per_hour: dict[Hour, dict[tuple[str, ...], Counter[str]]] = {}
    per_day: dict[tuple[str, str], dict[tuple[str, ...], Counter[str]]] = {}
    for count in counts:
        if (count.use_case, count.day, count.hour) in hours:
            _add(per_hour.setdefault((count.use_case, count.day, count.hour), {}), count)
        _add(per_day.setdefault((count.use_case, count.day), {}), count)
    found = [
        figure
        for (use_case, day, hour), groups in sorted(per_hour.items())
        for figure in _figures(use_case, _time(day, hour), groups, "")
    ] + [
        figure
        for (use_case, day), groups in sorted(per_day.items())
        for figure in _figures(use_case, _time(day), groups, "PerDay")
    ]
    return [figure for figure in found if figure.time >= oldest]


def _add(groups: dict[tuple[str, ...], Counter[str]], count: Count) -> None:
    for group in ((), (count.variant, count.source)):
        groups.setdefault(group, Counter())[count.kind] += count.number


def _figures(
    use_case: str, time: datetime, groups: Mapping[tuple[str, ...], Counter[str]], suffix: str
) -> Iterator[Figures]:
    for group, numbers in sorted(groups.items()):
        more = dict(zip(("variant", "source"), group, strict=True)) if group else {}
        values = {f"Impressions{suffix}": numbers[IMPRESSIONS], f"Actions{suffix}": numbers[ACTIONS]}
        yield Figures(time, {"use_case": use_case, **more}, values)


def _time(day: str, hour: int = 0) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)
