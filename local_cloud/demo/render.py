"""The report as plain text."""

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import indent

from local_cloud.demo.report import (
    Asked,
    Check,
    Comparison,
    Live,
    Person,
    PersonLists,
    Report,
    Timing,
    Tracked,
)
from local_cloud.demo.text_tables import heading, shortened, table

_COLUMN = 46


def render(report: Report) -> str:
    sections = [
        heading("How the runs ended"),
        table(("use case", "outcome", ""), report.outcomes),
        heading("What people chose, and what they get"),
        *(render_person(person) for person in report.people),
        heading("Offline metrics (GetSolutionMetrics), beside popularity's"),
        render_comparisons(report.comparisons),
        heading("Seconds per step (from the execution histories)"),
        render_timings(report.timings),
        *render_live(report.live),
        heading("Checks"),
        render_checks(report.checks),
        heading("Where to look next"),
        render_next_steps(report.next_steps),
    ]
    return "\n\n".join(sections)


def render_person(found: PersonLists) -> str:
    parts = [_title(found.person)]
    for lists in found.lists:
        rows = [
            (shortened(liked, _COLUMN), shortened(recommended, _COLUMN))
            for liked, recommended in zip_longest(lists.liked, lists.recommended, fillvalue="")
        ]
        left = f"{lists.use_case.replace('_', ' ')}: chosen so far"
        parts.append(table((f"{left:<{_COLUMN}}", "recommended"), rows or [("(nothing)", "(nothing)")]))
    return "\n".join(parts)


def _title(person: Person) -> str:
    tastes = f"; likes {', '.join(person.tastes)}" if person.tastes else ""
    return f"  {person.name} ({person.about}{tastes})"


def render_comparisons(comparisons: Sequence[Comparison]) -> str:
    rows = []
    for comparison in comparisons:
        for metric in sorted(comparison.model, key=_natural):
            ratio = comparison.ratio(metric)
            popularity = comparison.popularity.get(metric)
            rows.append(
                (
                    comparison.use_case,
                    metric,
                    f"{comparison.model[metric]:.4f}",
                    "-" if popularity is None else f"{popularity:.4f}",
                    "-" if ratio is None else f"{ratio:.2f} x",
                )
            )
    return table(("use case", "metric", "model", "popularity", "ratio"), rows, right=(2, 3, 4))


def _natural(metric: str) -> tuple[str, int]:
    """precision_at_5 before precision_at_10."""
    words, _, number = metric.rpartition("_")
    return (words, int(number)) if number.isdecimal() else (metric, 0)


def render_timings(timings: Sequence[Timing]) -> str:
    phases = list(dict.fromkeys(phase for timing in timings for phase in timing.phases))
    rows = [
        (phase, *(f"{timing.phases[phase]:.1f}" if phase in timing.phases else "-" for timing in timings))
        for phase in phases
    ]
    rows.append(("overhead of the workflow", *(f"{timing.overhead:.1f}" for timing in timings)))
    rows.append(("whole execution", *(f"{timing.total:.1f}" for timing in timings)))
    headers = ("step", *(timing.use_case for timing in timings))
    text = table(headers, rows, right=range(1, len(headers)))
    overhead = sum(timing.overhead for timing in timings)
    return f"{text}\n\n  The workflows' own overhead, all together: {overhead:.1f} s"


def render_live(live: Live | None) -> list[str]:
    if live is None:
        return []
    rows = [
        (each.person, each.use_case, each.source, shortened(", ".join(each.items), _COLUMN))
        for each in live.asked
    ]
    headers = ("person", "use case", "source", "the best first")
    parts = [heading("What the serving API answers"), table(headers, rows)]
    if live.tracked:
        parts.append(render_tracked(live.tracked))
    if live.changed:
        parts.append(render_changed(*live.changed))
    return parts


def render_tracked(tracked: Tracked) -> str:
    def rate(counts: tuple[int, int]) -> str:
        impressions, actions = counts
        return f"{100 * actions / impressions:.1f} %" if impressions else "-"

    rows = [
        (when, str(counts[0]), str(counts[1]), rate(counts))
        for when, counts in (("before", tracked.before), ("after the posted events", tracked.after))
    ]
    title = f"  Conversion of {tracked.use_case} today; the goal is {100 * tracked.goal:g} %"
    return f"{title}\n{table(('', 'impressions', 'actions', 'conversion'), rows, right=(1, 2, 3))}"


def render_changed(before: Asked, after: Asked) -> str:
    rows = [
        (shortened(old, _COLUMN), shortened(new, _COLUMN))
        for old, new in zip_longest(before.items, after.items, fillvalue="")
    ]
    title = f"  {before.person}, {before.use_case}: real time, by the {before.source}"
    return title + "\n" + table(("before".ljust(_COLUMN), "after acting upon the first ones"), rows)


def render_next_steps(steps: Sequence[tuple[str, str]]) -> str:
    """Commands are never shortened: they are there to be copied."""
    return "\n".join(f"  {what}\n" + indent(command, " " * 4) for what, command in steps)


def render_checks(checks: Sequence[Check]) -> str:
    rows = [("ok" if check.holds else "FAILED", check.claim, check.detail) for check in checks]
    return table(("", "claim", "found"), rows)
