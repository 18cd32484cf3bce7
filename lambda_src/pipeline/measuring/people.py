"""People of an experiment, day after day: since when, in which arm, and all they were shown and did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.measuring.counted_day import CountedDay
from pipeline.measuring.experiment import Count, Experiment, Metric
from pipeline.statistics.sums import Sums, SumsWithPast

SINCE = (0, 1, 7, 14, 21)
"""Days since somebody's first exposure at which a next phase of theirs begins."""


def _nobody() -> NDArray[np.uint64]:
    return np.zeros(0, np.uint64)


@dataclass
class Past:
    """What people did before: hashes, in order, and the two counts of the metric."""

    people: NDArray[np.uint64] = field(default_factory=_nobody)
    counts: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))

    def add(self, day: CountedDay, metric: Metric) -> None:
        of, per = (_values(day, count) for count in (metric.of, metric.per))
        people = np.concatenate([self.people, day.people])
        counts = np.concatenate([self.counts, np.column_stack([of, per])])
        self.people, places = np.unique(people, return_inverse=True)
        self.counts = np.column_stack(
            [np.bincount(places, counts[:, c], len(self.people)).astype(np.float64) for c in (0, 1)]
        ).reshape(-1, 2)

    def of(self, people: NDArray[np.uint64]) -> NDArray[np.float64]:
        """people x 2; zeros of those who are new."""
        found = np.zeros((len(people), 2))
        if len(self.people):
            places = np.minimum(np.searchsorted(self.people, people), len(self.people) - 1)
            known = self.people[places] == people
            found[known] = self.counts[places[known]]
        return found


class People:
    """Cumulative. Whoever is seen in both arms belongs to the one seen first, with all that comes later."""

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        metrics = [experiment.metric, *(g.metric for g in experiment.guardrails)]
        self._terms = list(dict.fromkeys(term for m in metrics for term in (m.of, m.per) if term))
        self.people = _nobody()
        self.treated: NDArray[np.bool_] = np.zeros(0, bool)
        self.in_both: NDArray[np.bool_] = np.zeros(0, bool)
        self.first_day: NDArray[np.int32] = np.zeros(0, np.int32)
        self._counts: NDArray[np.float32] = np.zeros((0, len(self._terms), len(SINCE)), np.float32)

    def add(self, day: CountedDay) -> None:
        """Of days in order."""
        kept = self._of_experiment(day)
        order = kept[np.lexsort((day.first[kept], day.people[kept]))]
        if not len(order):
            return
        people, starts = np.unique(day.people[order], return_index=True)
        treated = self._treated(day)[order]
        values = np.column_stack([_values(day, term)[order] for term in self._terms])
        self._make_room(people, treated[starts], date.fromisoformat(day.day).toordinal())
        places = np.searchsorted(self.people, people)
        since = date.fromisoformat(day.day).toordinal() - self.first_day[places]
        phases = np.searchsorted(SINCE, since, side="right") - 1
        self._counts[places, :, phases] += np.add.reduceat(values, starts, axis=0)
        each = np.searchsorted(self.people, day.people[order])
        np.logical_or.at(self.in_both, each, treated != self.treated[each])

    def counts_by_first_day(self) -> dict[int, tuple[int, int]]:
        """People of control and treatment by the day (its ordinal) of their first exposure."""
        found = {}
        for day in np.unique(self.first_day).tolist():
            of_day = self.treated[self.first_day == day]
            found[int(day)] = int((~of_day).sum()), int(of_day.sum())
        return found

    def sums(self, metric: Metric, past: Past | None = None) -> tuple[SumsWithPast, SumsWithPast]:
        """Of control and treatment."""
        before = past.of(self.people) if past else np.zeros((len(self.people), 2))
        x, y = (self._of(term).sum(axis=1, dtype=np.float64) for term in (metric.of, metric.per))
        both = [_sums(x, y, before, self.treated == arm) for arm in (False, True)]
        return both[0], both[1]

    def sums_by_phase(self, metric: Metric) -> list[tuple[int, Sums, Sums]]:
        """The first day of each phase of people, and the sums of those who were seen in it."""
        found: list[tuple[int, Sums, Sums]] = []
        for phase, since in enumerate(SINCE):
            x, y = (self._of(term)[:, phase].astype(np.float64) for term in (metric.of, metric.per))
            seen = (x + y) > 0
            past = np.zeros((len(x), 2))
            arms = [_sums(x, y, past, seen & (self.treated == arm)) for arm in (False, True)]
            if arms[0].n and arms[1].n:
                found.append((since, arms[0], arms[1]))
        return found

    def _of(self, term: Count | None) -> NDArray[Any]:
        """people x phases; of people, 1 in the first."""
        if term is None:
            ones = np.zeros((len(self.people), len(SINCE)), np.float32)
            ones[:, 0] = 1
            return ones
        return self._counts[:, self._terms.index(term)]

    def _of_experiment(self, day: CountedDay) -> NDArray[np.int64]:
        last = self._experiment.last_version
        named = [name in (self._experiment.control, self._experiment.treatment) for name in day.arm_names]
        kept = np.array(named, bool)[day.arms] & (day.versions >= self._experiment.first_version)
        return np.flatnonzero(kept if last is None else kept & (day.versions <= last))

    def _treated(self, day: CountedDay) -> NDArray[np.bool_]:
        is_treatment = np.array([name == self._experiment.treatment for name in day.arm_names], bool)
        found: NDArray[np.bool_] = is_treatment[day.arms]
        return found

    def _make_room(self, people: NDArray[np.uint64], treated: NDArray[np.bool_], day: int) -> None:
        new = ~np.isin(people, self.people, assume_unique=True)
        count = int(new.sum())
        order = np.argsort(joined := np.concatenate([self.people, people[new]]), kind="stable")
        self.people = joined[order]
        self.treated = np.concatenate([self.treated, treated[new]])[order]
        self.in_both = np.concatenate([self.in_both, np.zeros(count, bool)])[order]
        self.first_day = np.concatenate([self.first_day, np.full(count, day, np.int32)])[order]
        room = np.zeros((count, *self._counts.shape[1:]), np.float32)
        self._counts = np.concatenate([self._counts, room])[order]


def _values(day: CountedDay, term: Count | None) -> NDArray[np.int64]:
    return np.ones(len(day.people), np.int64) if term is None else day.column(term.types, term.sources)


def _sums(x: NDArray[Any], y: NDArray[Any], before: NDArray[Any], which: NDArray[np.bool_]) -> SumsWithPast:
    x, y, u, v = x[which], y[which], before[which, 0], before[which, 1]
    pairs = ((x, x), (y, y), (x, y), (u, u), (v, v), (u, v), (x, u), (x, v), (y, u), (y, v))
    xx, yy, xy, uu, vv, uv, xu, xv, yu, yv = (float(a @ b) for a, b in pairs)
    sx, sy, su, sv = (float(each.sum()) for each in (x, y, u, v))
    return SumsWithPast(len(x), sx, xx, sy, yy, xy, su, uu, sv, vv, uv, xu, xv, yu, yv)
