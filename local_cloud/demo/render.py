"""The report as plain text."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from textwrap import fill, indent

from local_cloud.demo.report import (
    Alike,
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
from local_cloud.demo.text_tables import WIDTH, heading, shortened, table

_METRICS = {
    "normalized_discounted_cumulative_gain": "NDCG",
    "normalized_discounted_cumulative_gain_with_event_weights": "weighted NDCG",
    "mean_reciprocal_rank": "MRR",
}
_METRICS_SAID = (
    "NDCG: normalized discounted cumulative gain; weighted: by the events' weights. MRR: mean reciprocal "
    "rank. @10: of the first ten. Higher is better; coverage is the share of items that somebody gets."
)


def render(report: Report, width: int = WIDTH) -> str:
    """width: columns of the page."""
    sections = [
        heading("How the runs ended"),
        table(("use case", "outcome", ""), report.outcomes, whole=(2,), width=width),
        heading("What people chose, and what they get"),
        *(render_person(person, width) for person in report.people),
        *render_alike(report.alike, width),
        heading("Offline metrics (GetSolutionMetrics), beside popularity's"),
        render_comparisons(report.comparisons, width),
        heading("Seconds per step (from the execution histories)"),
        render_timings(report.timings, width),
        *render_live(report.live, width),
        heading("Checks"),
        render_checks(report.checks, width),
        heading("Where to look next"),
        render_next_steps(report.next_steps),
    ]
    return "\n\n".join(sections)


def render_person(found: PersonLists, width: int = WIDTH) -> str:
    parts = [fill(_title(found.person), width, subsequent_indent="    ")]
    for lists in found.lists:
        chosen = f"chosen so far ({', '.join(lists.kinds)})" if lists.kinds else "so far"
        left = f"{_words(lists.use_case)}: {chosen}"
        parts.append(_beside(left, lists.liked, "recommended", lists.recommended, width))
    return "\n".join(parts)


def _title(person: Person) -> str:
    tastes = f"; likes {', '.join(person.tastes)}" if person.tastes else ""
    return f"  {person.name} ({person.about}{tastes})"


def _beside(left: str, first: Iterable[str], right: str, second: Iterable[str], width: int) -> str:
    """Two columns that share the page evenly."""
    half = (width - 4) // 2
    rows = [(shortened(a, half), shortened(b, half)) for a, b in zip_longest(first, second, fillvalue="")]
    rows = rows or [("(nothing)", "(nothing)")]
    return table((left.ljust(half), right), [(a.ljust(half), b) for a, b in rows], width=width)


def render_alike(alike: Sequence[Alike], width: int = WIDTH) -> list[str]:
    if not alike:
        return []
    parts = [
        _beside(f"{_words(each.use_case)}: to", [each.item], "the most similar first", each.similar, width)
        for each in alike
    ]
    return [heading("What is similar to what people have most to do with"), *parts]


def render_comparisons(comparisons: Sequence[Comparison], width: int = WIDTH) -> str:
    rows = []
    for comparison in comparisons:
        for metric in sorted(comparison.model, key=_natural):
            ratio = comparison.ratio(metric)
            popularity = comparison.popularity.get(metric)
            rows.append(
                (
                    comparison.use_case,
                    _metric(metric),
                    f"{comparison.model[metric]:.4f}",
                    "-" if popularity is None else f"{popularity:.4f}",
                    "-" if ratio is None else f"{ratio:.2f} x",
                )
            )
    headers = ("use case", "metric", "model", "popularity", "ratio")
    said = fill(_METRICS_SAID, width, initial_indent="  ", subsequent_indent="  ")
    return f"{table(headers, rows, right=(2, 3, 4), whole=(0, 1), width=width)}\n\n{said}"


def _natural(metric: str) -> tuple[str, int]:
    """precision_at_5 before precision_at_10."""
    words, _, number = metric.rpartition("_")
    return (words, int(number)) if number.isdecimal() else (metric, 0)


def _metric(name: str) -> str:
    """precision@5 for precision_at_5: what tells metrics apart is not far behind."""
    words, at, number = name.rpartition("_at_")
    return f"{_METRICS.get(words, _words(words))}@{number}" if at else _words(name)


def _words(name: str) -> str:
    return name.replace("_", " ")


def render_timings(timings: Sequence[Timing], width: int = WIDTH) -> str:
    phases = list(dict.fromkeys(phase for timing in timings for phase in timing.phases))
    rows = [
        (phase, *(f"{timing.phases[phase]:.1f}" if phase in timing.phases else "-" for timing in timings))
        for phase in phases
    ]
    rows.append(("overhead of the workflow", *(f"{timing.overhead:.1f}" for timing in timings)))
    rows.append(("whole execution", *(f"{timing.total:.1f}" for timing in timings)))
    headers = ("step", *(_words(timing.use_case) for timing in timings))
    text = table(headers, rows, right=range(1, len(headers)), whole=(0,), width=width)
    overhead = sum(timing.overhead for timing in timings)
    return f"{text}\n\n  The workflows' own overhead, all together: {overhead:.1f} s"


def render_live(live: Live | None, width: int = WIDTH) -> list[str]:
    if live is None:
        return []
    rows = [(each.person, each.use_case, each.source, ", ".join(each.items)) for each in live.asked]
    headers = ("person", "use case", "source", "the best first")
    parts = [heading("What the serving API answers"), table(headers, rows, whole=(0, 1), width=width)]
    if live.tracked:
        parts.append(render_tracked(live.tracked, width))
    if live.changed:
        parts.append(render_changed(*live.changed, width=width))
    return parts


def render_tracked(tracked: Tracked, width: int = WIDTH) -> str:
    def rate(counts: tuple[int, int]) -> str:
        impressions, actions = counts
        return f"{100 * actions / impressions:.1f} %" if impressions else "-"

    rows = [
        (when, str(counts[0]), str(counts[1]), rate(counts))
        for when, counts in (("before", tracked.before), ("after the posted events", tracked.after))
    ]
    title = f"  Conversion of {tracked.use_case} today; the goal is {100 * tracked.goal:g} %"
    headers = ("", "impressions", "actions", "conversion")
    return f"{title}\n{table(headers, rows, right=(1, 2, 3), width=width)}"


def render_changed(before: Asked, after: Asked, *, width: int = WIDTH) -> str:
    title = f"  {before.person}, {before.use_case}: real time, by the {before.source}"
    lists = _beside("before", before.items, "after acting upon the first ones", after.items, width)
    return f"{title}\n{lists}"


def render_next_steps(steps: Sequence[tuple[str, str]]) -> str:
    """Commands are never shortened: they are there to be copied."""
    return "\n".join(f"  {what}\n" + indent(command, " " * 4) for what, command in steps)


def render_checks(checks: Sequence[Check], width: int = WIDTH) -> str:
    rows = [("ok" if check.holds else "FAILED", check.claim, check.detail) for check in checks]
    return table(("", "claim", "found"), rows, whole=(1, 2), width=width)
