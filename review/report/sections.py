"""The sections of a report as Markdown, at a level of detail."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from review.changes.impacts import How
from review.ground.findings import Rule, Section, Severity
from review.ground.table import RULES
from review.planning.deploy_plan import lines_of
from review.report.building import CostDelta, Report
from review.report.escaping import block, code, plain
from review.report.rows import Row

MARKS = {Severity.HIGH: "🔴", Severity.MEDIUM: "🟠", Severity.LOW: "🟡", Severity.NOTE: "⚪"}
_COUNTED = (How.ADDED, How.CHANGED, How.REPLACED, How.MAY_BE_REPLACED, How.REMOVED, How.ORPHANED)
NOT_COMPUTED = "Costs were not computed: what drives them is listed, without figures."


@dataclass(frozen=True, kw_only=True)
class Detail:
    """open_rows: rows of a rule before the rest is folded. rows: of a rule at all. lines: of a row's details.
    subjects: names in a row.
    """

    open_rows: int = 5
    rows: int = 10_000
    lines: int = 400
    subjects: int = 12
    plan_lines: int = 10_000


def table(report: Report) -> str:
    head = [
        "stage",
        "region",
        "stacks",
        "added",
        "changed (only code or words)",
        "**replaced**",
        "may be replaced",
        "removed",
        "orphaned",
    ]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for line in report.table:
        cells = [plain(line.stage), plain(line.region), str(line.stacks)]
        for how in _COUNTED:
            count = line.counts.get(how, 0)
            strong = how not in (How.ADDED, How.CHANGED) and count
            text = f"**{count}**" if strong else str(count or "")
            if how is How.CHANGED and line.quiet:
                text = f"{count} ({line.quiet})"
            cells.append(text)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) if report.table else "No resource changes."


def section(report: Report, which: Section, detail: Detail) -> str:
    rows = [row for row in report.rows if row.rule.section is which]
    parts = [f"### {which.value}"]
    if which is Section.COST:
        parts.append(_costs(report.costs))
    parts += [_of_rule(rule, of_rule, detail) for rule, of_rule in rows_by_rule(rows)]
    if which is Section.PLAN:
        parts.append(_plan(report, detail))
    if len(parts) == 1:
        parts.append("Nothing.")
    return "\n\n".join(part for part in parts if part)


def rows_by_rule(rows: Sequence[Row]) -> list[tuple[Rule, list[Row]]]:
    """The worst first, and then as the report has them."""
    by_rule: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_rule[row.rule.id].append(row)
    groups = [(some[0].rule, some) for some in by_rule.values()]
    order = [*RULES]
    return sorted(
        groups, key=lambda group: (-max(row.severity for row in group[1]), order.index(group[0].id))
    )


def _of_rule(rule: Rule, rows: Sequence[Row], detail: Detail) -> str:
    worst = max(rows, key=lambda row: row.severity).severity
    head = f"{MARKS[worst]} **{rule.id}** ({worst.word}) {rule.what}. {rule.then}"
    shown, left = rows[: detail.rows], len(rows) - detail.rows
    written = [_row(row, detail) for row in shown]
    open_, folded = written[: detail.open_rows], written[detail.open_rows :]
    parts = [head, "\n".join(open_)]
    if folded:
        parts.append(_details(f"{len(folded)} more", "\n".join(folded)))
    if left > 0:
        parts.append(f"… and {left} more in the whole report.")
    return "\n\n".join(parts)


def _row(row: Row, detail: Detail) -> str:
    names = ", ".join(code(name) for name in row.subjects[: detail.subjects])
    more = len(row.subjects) - detail.subjects
    names += f" and {more} more" if more > 0 else ""
    text = f"- {names}: {plain(row.text)} — {where(row)}"
    if row.acknowledged:
        text += f"\n  acknowledged: {plain(row.acknowledged)}"
    lines = row.details.splitlines()
    if lines and detail.lines:
        kept = "\n".join(lines[: detail.lines])
        if len(lines) > detail.lines:
            # Half a graph is no graph.
            kept = "" if row.language == "mermaid" else f"{kept}\n… {len(lines) - detail.lines} lines more"
        if kept:
            text += "\n\n" + _indented(_details(_title(row), block(kept, row.language)))
    return text


def _title(row: Row) -> str:
    return {"mermaid": "The changed part", "diff": "The difference"}.get(row.language, "All of it")


def where(row: Row) -> str:
    by_stage: defaultdict[str, list[str]] = defaultdict(list)
    for place in row.places:
        if place.region not in by_stage[place.stage]:
            by_stage[place.stage].append(place.region)
    return "; ".join(
        f"{plain(stage)} {plain(', '.join(regions))}".strip() for stage, regions in by_stage.items()
    )


def _plan(report: Report, detail: Detail) -> str:
    lines = lines_of(report.plan)
    if not report.plan.deployments:
        return "" if report.plan.stuck else "Nothing has to be deployed."
    kept = lines[: detail.plan_lines]
    if len(lines) > len(kept):
        kept.append(f"  …  {len(lines) - len(kept)} lines more")
    text = block("\n".join(kept))
    count = len(report.plan.deployments)
    stacks = f"{count} deployments, in this order" if count > 1 else "One deployment"
    return _details(stacks, text) if len(lines) > 12 else f"{stacks}:\n\n{text}"


VOLUMES = "by assumed volumes (`python -m costs --against` takes those of a team)"


def _costs(costs: Sequence[CostDelta] | None) -> str:
    if costs is None:
        return NOT_COMPUTED
    if not costs:
        return "The estimate does not change."
    alike: defaultdict[tuple[str, str], list[CostDelta]] = defaultdict(list)
    for one in costs:
        alike[one.stage, one.cause].append(one)
    rows = sorted(alike.values(), key=lambda some: -abs(sum(one.monthly_usd or 0 for one in some)))
    lines = ["| because of | where | dollars a month |", "|---|---|---:|", *map(_cost, rows)]
    parts = [f"{costs_together(costs)}, {VOLUMES}", "\n".join(lines), _rests_on(costs)]
    return "\n\n".join(part for part in parts if part)


def _cost(alike: Sequence[CostDelta]) -> str:
    """A row. alike: what one cause costs in several regions."""
    first = alike[0]
    unknown = any(one.monthly_usd is None for one in alike)
    why = f" ({plain('; '.join(first.notes))})" if unknown and first.notes else ""
    amount = "unknown" if unknown else f"{sum(one.monthly_usd or 0 for one in alike):+,.2f}"
    star = "\\*" if any(one.doubts for one in alike) else ""
    place = f"{first.stage} {', '.join(sorted(one.region for one in alike))}".strip()
    return f"| {plain(first.cause)}{why} | {plain(place)} | {amount}{star} |"


def costs_together(costs: Sequence[CostDelta]) -> str:
    """The sum, and how many are not in it."""
    known = sum(one.monthly_usd or 0 for one in costs)
    unknown = sum(one.monthly_usd is None for one in costs)
    return f"**{known:+,.2f} dollars a month**" + (f", and {unknown} unknown" if unknown else "")


def _rests_on(costs: Sequence[CostDelta]) -> str:
    """What is assumed, each once, however many lines rest on it."""
    prices = sorted({price for one in costs for price in one.doubts})
    quantities = sorted({note for one in costs if one.monthly_usd is not None for note in one.notes})
    stars = "\\* by a price that is assumed, or old" if prices else ""
    said = [f"- price per {plain(price)}" for price in prices] + [f"- {plain(note)}" for note in quantities]
    folded = _details("What the figures rest on", "\n".join(said)) if said else ""
    return "\n\n".join(part for part in (stars, folded) if part)


def _details(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" if line else line for line in text.splitlines())


def in_order() -> Iterator[Section]:
    yield from Section
