"""What a check has found: for people with values and remedies, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from operations.checking.looking import Checked, Looked
from pipeline.times import iso

_LONGEST = 60
_ROWS = 5


def as_json(checked: Sequence[Checked]) -> list[dict[str, Any]]:
    """Everything, with up to 100 rows of each finding."""
    return [
        {
            "kind": one.kind,
            "name": one.name,
            "refused": one.is_refused,
            "ownRows": one.own_rows,
            "audience": one.audience,
            "files": one.files,
            "problems": one.problems,
            "warnings": one.warnings,
            "datasets": [_dataset(looked) for looked in one.datasets],
        }
        for one in checked
    ]


def text(checked: Sequence[Checked]) -> str:
    lines = [line for one in checked for line in (*_of(one), "")]
    refused = [one.name for one in checked if one.is_refused]
    warnings = sum(
        len(one.warnings) + sum(len(looked.warnings) for looked in one.datasets) for one in checked
    )
    good = "what was looked at" if any(one.files for one in checked) else "all of it"
    end = f"a run would be refused of: {', '.join(refused)}" if refused else f"a run would take {good}"
    return "\n".join([*lines, f"{end}; {warnings} warning(s); nothing was written"])


def _dataset(looked: Looked) -> dict[str, Any]:
    figures = asdict(looked.figures) if looked.figures else {}
    return {
        "dataset": looked.dataset,
        "columns": [{"name": name, "type": type_, "found": found} for name, type_, found in looked.columns],
        "rows": figures.get("rows"),
        "users": figures.get("users"),
        "items": figures.get("items"),
        "newestTimestamp": figures.get("newest_timestamp"),
        "eventTypes": figures.get("event_types", {}),
        "problems": looked.problems,
        "findings": looked.findings,
        "warnings": looked.warnings,
    }


def _of(one: Checked) -> Iterator[str]:
    yield f"{one.kind} {one.name}"
    for looked in one.datasets:
        yield from _of_dataset(looked)
    figures = one.datasets[0].figures if one.datasets else None
    if one.own_rows is not None and figures and figures.rows:
        each = f", {one.own_rows / figures.users:.1f} a person" if figures.users else ""
        share = one.own_rows / figures.rows
        yield f"  own items: {one.own_rows:,} of {figures.rows:,} interactions ({share:.1%}{each})"
    if one.audience is not None:
        yield f"  {'may be told' if one.kind == 'notification' else 'audience'}: {one.audience:,}"
    for problem in one.problems:
        yield f"  REFUSED {problem}"
    for warning in one.warnings:
        yield f"  WARNING {warning}"


def _of_dataset(looked: Looked) -> Iterator[str]:
    figures = looked.figures
    told = f"{figures.rows:,} rows" if figures else "not read"
    if figures and looked.dataset == "interactions":
        told += f", {figures.users or 0:,} people, {figures.items or 0:,} items"
        told += _newest(figures.newest_timestamp)
    yield f"  {looked.dataset}: {told}: {'REFUSED' if looked.problems or looked.findings else 'good'}"
    if looked.columns:
        yield "    columns: " + ", ".join(f"{name} {found or 'MISSING'}" for name, _, found in looked.columns)
    if figures and figures.event_types:
        counts = ", ".join(f"{_cut(name)} {count:,}" for name, count in figures.event_types.items())
        yield f"    event types: {counts}"
    for problem in looked.problems:
        yield f"    REFUSED {problem}"
    for finding in looked.findings:
        yield from _of_finding(finding)
    for warning in looked.warnings:
        yield f"    WARNING {warning}"


def _of_finding(finding: dict[str, Any]) -> Iterator[str]:
    where = f" in {finding['column']}" if finding["column"] else ""
    yield f"    REFUSED {finding['rule']}{where}: {finding['count']:,} row(s): {finding['remedy']}"
    for kept in finding["rows"][:_ROWS]:
        row = ", ".join(f"{name}={_cut(value)}" for name, value in kept["row"].items())
        yield f"      line {kept['line']:,}: {_cut(kept['value']) or '(nothing)'}" + (
            f" in {row}" if row else ""
        )


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def _newest(moment: int | None) -> str:
    """Nothing of what can be no time, whatever the data has."""
    return f", newest {iso(moment)}" if moment is not None and 0 <= moment < 1 << 37 else ""
