"""A report for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.statistics.decision import percent

Report = Mapping[str, Any]


def shown(report: Report) -> str:
    """Lines, without control characters of whoever wrote names and reasons."""
    return "".join(f"{_plain(line)}\n" for line in _lines(report))


def interval(lift: Mapping[str, float | None]) -> str:
    value = lift["value"]
    known = "unknown" if value is None else percent(value)
    return f"{known} ({percent(lift['low'])} to {percent(lift['high'])})"


def facts(report: Report) -> Iterator[tuple[str, str]]:
    """What there is to say, by its name."""
    people, split, metric = report["people"], report["split"], report["metric"]
    last = report["looks"]["last"]
    yield "days", f"{report['days']['soFar']} of {report['days']['planned']}, looks after {_days(report)}"
    yield "last look", "none yet" if last is None else f"after day {last}"
    for arm, share in split["planned"].items():
        real = f"{split['real'][arm]:.2%}" if split["real"] else "-"
        so_far = f"{people['soFar'][arm]:,} of {people['planned']:,} people"
        yield arm, f"{so_far}, planned {share:.2%}, real {real}"
    words = "as planned" if split["right"] else "NOT as planned"
    yield "split", f"{words} (p {split['p']:.4f}, at every look so far)"
    if people["inBothArms"]:
        yield "seen in both arms", f"{people['inBothArms']:,} people"
    if "lift" in metric:
        for arm in ("control", "treatment"):
            value = metric[arm]
            yield (
                f"{metric['name']}, {arm}",
                f"{value['value']:.3%} ({value['of']:,.0f} of {value['per']:,.0f})",
            )
        yield "lift", interval(metric["lift"])
        kept = metric["varianceKeptByThePast"]
        yield "variance kept by the past", f"{kept:.0%}"
    if report["unreadableLines"]:
        yield "lines that could not be read", f"{report['unreadableLines']:,}"


def guardrails(report: Report) -> Iterator[tuple[str, str, str]]:
    """Name, state, figures."""
    for each in report["guardrails"]:
        if "unit" in each:
            yield each["name"], each["state"], _difference(each)
            continue
        figures = interval(each["lift"]) if "lift" in each else "nothing to look at yet"
        yield each["name"], each["state"], f"{figures}, margin {each['margin']:.1%}"


def _difference(guardrail: Mapping[str, Any]) -> str:
    """Of means over hours: milliseconds, or percentage points."""
    unit, scale, digits = ("ms", 1, 0) if guardrail["unit"] == "ms" else ("points", 100, 2)
    margin = f"margin {scale * guardrail['margin']:g} {unit}"
    if "difference" not in guardrail:
        return f"nothing to look at yet, {margin}"
    value, low, high = (
        f"{scale * guardrail['difference'][name]:+.{digits}f}" for name in ("value", "low", "high")
    )
    return f"{value} {unit} ({low} to {high}), {margin}"


def phases(report: Report) -> Iterator[tuple[str, str]]:
    for each in report["byDaysSinceFirstExposure"]:
        yield f"from day {each['from']}", interval(each["lift"]) if "lift" in each else "-"


def _lines(report: Report) -> Iterator[str]:
    yield f"{report['experiment']} ({report['useCase']}), {report['day']}"
    yield f"hypothesis: {report['hypothesis']}"
    yield ""
    yield report["decision"]["words"]
    yield ""
    for name, value in facts(report):
        yield f"{name:28} {value}"
    for name, state, figures in guardrails(report):
        yield f"guardrail {name:18} {state}: {figures}"
    for name, value in phases(report):
        yield f"since first seen, {name:10} {value}"
    for change in report["changes"]:
        yield f"{change['at']}  {change['by']}: {change['what']} ({change['why']})"


def _days(report: Report) -> str:
    return ", ".join(str(day) for day in report["looks"]["planned"])


def _plain(line: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in line)
