"""The daily measurement of an experiment: counts the days, adds them up per person, writes the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from pipeline.errors import InvalidInput
from pipeline.measuring import days
from pipeline.measuring.answers import Answering
from pipeline.measuring.counted_day import CountedDay
from pipeline.measuring.experiment import Experiment
from pipeline.measuring.html import page
from pipeline.measuring.people import Past, People
from pipeline.measuring.report import Seen, information, look_of, report
from pipeline.statistics.sequential import looks
from pipeline.statistics.sums import Sums, SumsWithPast
from pipeline.storage import Bucket


def report_key(experiment: Experiment, day: str, ending: str = "json") -> str:
    """day: 2026-11-21, or `newest`."""
    return f"measured/use_case={experiment.use_case}/reports/{experiment.name}/{day}.{ending}"


@dataclass(frozen=True)
class Measured:
    """counted: days whose events were counted (again)."""

    report: dict[str, Any]
    counted: tuple[date, ...]


def measure(
    bucket: Bucket,
    experiment: Experiment,
    through: date,
    seconds_left: Callable[[], float],
    answering: Answering | None = None,
) -> Measured:
    """through: the last day to count, over by now. answering: knows how the API answered the arms;
    without it, its guardrails stay open. The same day twice gives the same report, unless events of before
    have come meanwhile. Raises: InvalidInput, if the experiment cannot be, or begins later;
    EventsUnfinished, if time runs out; MeasurementBroken; UnknownFormat; StorageFailed.
    """
    experiment.check()
    if through < experiment.first_day:
        raise InvalidInput(f"experiment {experiment.name} begins on {experiment.start}, after {through}")
    before = [experiment.day(1 - ago) for ago in range(experiment.past_days, 0, -1)]
    since = [experiment.day(number) for number in range(1, (through - experiment.first_day).days + 2)]
    made = days.refresh(bucket, experiment.use_case, before + since, through, seconds_left)
    counted_on = partial(days.counted, bucket, experiment.use_case)
    found = report(experiment, through, seen(experiment, before, since, counted_on, answering))
    for day in (through.isoformat(), "newest"):
        bucket.write_json(report_key(experiment, day), found)
        bucket.write(report_key(experiment, day, "html"), page(found).encode(), "text/html; charset=utf-8")
    return Measured(found, made)


def yesterday(today: date) -> date:
    return today - timedelta(days=1)


def seen(
    experiment: Experiment,
    before: Sequence[date],
    since: Sequence[date],
    counted_on: Callable[[date], CountedDay | None],
    answering: Answering | None = None,
) -> Seen:
    """before, since: days, in order; of since one at least. counted_on: None, if nothing happened."""
    number = look_of(experiment, since[-1])
    reached = () if number is None else looks(experiment.days, experiment.look_every)[: number + 1]
    past = _past(experiment, before, counted_on) if reached else None
    people, unreadable = People(experiment), 0
    told: tuple[float, ...] = ()
    metric: tuple[SumsWithPast, SumsWithPast] | None = None
    guardrails: list[tuple[SumsWithPast, SumsWithPast] | None] = [None] * len(experiment.guardrails)
    phases: list[tuple[int, Sums, Sums]] = []
    for passed, day in enumerate(since, 1):
        counted = counted_on(day)
        if counted:
            people.add(counted)
            unreadable += counted.unreadable
        if passed in reached:
            metric = people.sums(experiment.metric, past)
            told = information(told, metric)
        if reached and passed == reached[-1]:
            guardrails = [people.sums(each.metric) for each in experiment.guardrails]
            phases = people.sums_by_phase(experiment.metric)
    answers = None
    if reached and answering:
        answers = answering.figures(experiment, experiment.day(reached[-1]))
    counts, in_both = people.counts_by_first_day(), int(people.in_both.sum())
    return Seen(counts, in_both, metric, guardrails, phases, unreadable, told, answers)


def _past(
    experiment: Experiment, before: Sequence[date], counted_on: Callable[[date], CountedDay | None]
) -> Past:
    past = Past()
    for day in before:
        counted = counted_on(day)
        if counted:
            past.add(counted, experiment.metric)
    return past
