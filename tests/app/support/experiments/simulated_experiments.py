"""Experiments with simulated people, all in memory: who is assigned, what they do, what is measured of it.

Lists of the two variants are real models' of the people's history: what is popular, and the engine's `ease`.
People, assignment, events, counting, statistics and the decision are those of the demo and of deployed
functions.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import engine
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from pipeline.experiments.assignment import assigned, counted
from pipeline.experiments.changes import Design, Note, started
from pipeline.experiments.experiment import CONTROL, TREATMENT, Arm, Experiment
from pipeline.measuring.counted_day import CountedDay
from pipeline.measuring.counting import count
from pipeline.measuring.experiment import Count, Metric
from pipeline.measuring.experiment import Experiment as Measured
from pipeline.measuring.measure import seen
from pipeline.measuring.report import report
from trial_data.people import ACTION, Town, history, town
from trial_data.visits import Shown, told, visit, visitors

START, DAYS, EVERY, BEFORE, PLACES = date(2026, 11, 1), 8, 2, 4, 5
POPULAR, PERSONAL = "heuristic", "own"
Lists = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Outcome:
    """Of the last look. truth: the lift of the treatment's lists over the control's, had all got them."""

    report: Mapping[str, Any]
    truth: float

    @property
    def limits(self) -> tuple[float, float]:
        lift = self.report["metric"]["lift"]
        low, high = lift["low"], lift["high"]
        return (-1.0 if low is None else low), (float("inf") if high is None else high)

    @property
    def covers(self) -> bool:
        low, high = self.limits
        return low <= self.truth <= high

    @property
    def verdict(self) -> str:
        return str(self.report["decision"]["verdict"])

    @property
    def words(self) -> str:
        """Of the lift."""
        low, high = self.limits
        return "better" if low > 0 else "worse" if high < 0 else "not distinguishable"


def simulated(seed: int, *, people: int = 240, tastes: bool = True) -> Outcome:
    of = town(seed, people=people, tastes=tastes)
    lists = variants(of)
    experiment = _experiment(seed)
    days = {
        day: _day(of, lists, experiment, day) for day in (START + timedelta(n) for n in range(-BEFORE, DAYS))
    }
    measured = _measured()
    before = [measured.day(1 - ago) for ago in range(BEFORE, 0, -1)]
    since = [measured.day(number) for number in range(1, DAYS + 1)]
    found = report(measured, since[-1], seen(measured, before, since, days.get))
    truth = of.conversion(lists[PERSONAL]) / of.conversion(lists[POPULAR]) - 1
    return Outcome(found, truth)


def variants(of: Town) -> dict[str, Lists]:
    """The first places of two models' lists."""
    rows = list(history(of, until=1_793_000_000))
    data = TrainingData(
        Interactions.from_columns([r[0] for r in rows], [r[1] for r in rows], [r[3] for r in rows])
    )
    found: dict[str, Lists] = {}
    for variant, algorithm in ((POPULAR, "popularity"), (PERSONAL, "ease")):
        model = engine.train(data, algorithm)
        made = engine.recommend(model, list(of.people), PLACES)
        found[variant] = {
            person: [str(item) for item in one.item_ids] for person, one in zip(of.people, made, strict=True)
        }
    return found


def _experiment(seed: int) -> Experiment:
    arms = (Arm(TREATMENT, PERSONAL, 5_000), Arm(CONTROL, POPULAR, 5_000))
    design = Design(
        salt=f"s{seed}",
        arms=arms,
        hypothesis="own lists are better than one for all",
        metric="likes per impression",
        phase="running",
        exposure=10_000,
        overrides={},
    )
    return started(None, design, Note(by="simulation", why="to see", at="2026-11-01T00:00:00Z"), version=1)


def _measured() -> Measured:
    return Measured(
        use_case="shows",
        name="simulated",
        hypothesis="own lists are better than one for all",
        metric=Metric(name="likes per impression", of=Count(types=(ACTION,))),
        start=START.isoformat(),
        first_version=1,
        people=100,
        effect=0.05,
        days=DAYS,
        look_every=EVERY,
        past_days=BEFORE,
    )


def _day(of: Town, lists: Mapping[str, Lists], experiment: Experiment, day: date) -> CountedDay:
    """Before the start everybody has the lists of control."""
    lines = []
    for row, at in visitors(of, day):
        person = of.people[row]
        running = day >= START
        variant = assigned(experiment, person).variant if running else None
        shown = Shown(tuple(lists[variant or POPULAR][person]), "batch", variant or POPULAR)
        about = {"arm": counted(experiment, person), "experiment": experiment.version} if running else {}
        for _, kind, item in told(of, visit(of, row, at, shown)):
            event = {"type": kind, "item_id": item, "source": "batch", "timestamp": at, "user_id": person}
            lines.append(json.dumps(event | about))
    return count(day.isoformat(), "", [gzip.compress("".join(f"{line}\n" for line in lines).encode(), 1)])
