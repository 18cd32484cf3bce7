"""The report as plain text."""

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import indent

from local_cloud.demo.layout import heading, shortened, table
from local_cloud.demo.report import Check, Comparison, Person, PersonLists, Report, Timing

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


def render_next_steps(steps: Sequence[tuple[str, str]]) -> str:
    """Commands are never shortened: they are there to be copied."""
    return "\n".join(f"  {what}\n" + indent(command, " " * 4) for what, command in steps)


def render_checks(checks: Sequence[Check]) -> str:
    rows = [("ok" if check.holds else "FAILED", check.claim, check.detail) for check in checks]
    return table(("", "claim", "found"), rows)
