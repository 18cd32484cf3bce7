"""Reports of many pairs of estates at once: starting Node for each would take longer than all the rest."""

from collections.abc import Mapping

from review.changes.comparing import compared_all
from review.reading.assemblies import Stack
from review.report.building import Costs, Report, report_on

Estate = Mapping[str, Stack]


def reports(estates: Mapping[str, tuple[Estate, Estate]], costs: Costs | None = None) -> dict[str, Report]:
    """Of what is before and after, by the name of what is done. costs: None: not computed."""
    return {name: report_on(comparisons, costs=costs) for name, comparisons in compared_all(estates).items()}


def said(report: Report) -> dict[str, list[str]]:
    """Rules without `REVIEW-`, and what they say."""
    found: dict[str, list[str]] = {}
    for row in report.rows:
        rule = row.rule.id.removeprefix("REVIEW-")
        found.setdefault(rule, []).append(f"{', '.join(row.subjects)}: {row.text}")
    return found


def first_screen(comment: str) -> str:
    """What is seen of a comment before anybody scrolls: about forty lines."""
    return "\n".join(comment.splitlines()[:40])
