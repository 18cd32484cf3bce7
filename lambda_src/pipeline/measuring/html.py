"""A report as one page that needs nothing else: no script, no style or picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from pipeline.measuring import text

WIDTH, HEIGHT, EDGE = 640, 26, 20
_STYLE = """
body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse }
th, td { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top }
.decision { font-size: 1.4rem; border-left: .4rem solid #357; padding-left: 1rem }
.line { stroke: #357; stroke-width: 4 } .zero { stroke: #999; stroke-dasharray: 3 } .dot { fill: #357 }
""".strip()


def page(report: Mapping[str, Any]) -> str:
    title = f"{report['experiment']} ({report['useCase']}), {report['day']}"
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(report['hypothesis'])}</p>",
        f'<p class="decision">{escape(report["decision"]["words"])}</p>',
        _table(("", ""), text.facts(report)),
    ]
    drawn = list(_drawn(report))
    if drawn:
        widest = max((abs(end) for _, lift in drawn for end in lift.values() if end is not None), default=1.0)
        body.append("<h2>Lifts</h2><table>")
        body += [
            f'<tr><th scope="row">{escape(name)}</th><td>{_interval(lift, widest or 1.0)}</td>'
            f"<td>{escape(text.interval(lift))}</td></tr>"
            for name, lift in drawn
        ]
        body.append("</table>")
    if report["guardrails"]:
        body.append(_section("Guardrails", ("guardrail", "state", "difference"), text.guardrails(report)))
    if report["changes"]:
        rows = ((c["at"], c["by"], c["what"], c["why"]) for c in report["changes"])
        body.append(_section("What changed", ("when", "who", "what", "why"), rows))
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n'
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _drawn(report: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, float | None]]]:
    if "lift" in report["metric"]:
        yield report["metric"]["name"], report["metric"]["lift"]
    for each in report["guardrails"]:
        if "lift" in each:
            yield f"guardrail {each['name']}", each["lift"]
    for each in report["byDaysSinceFirstExposure"]:
        if "lift" in each:
            yield f"from day {each['from']} since first seen", each["lift"]


def _interval(lift: Mapping[str, float | None], widest: float) -> str:
    """A side without limit reaches the edge."""

    def place(share: float | None, otherwise: float) -> float:
        return otherwise if share is None else WIDTH / 2 + share / widest * (WIDTH / 2 - EDGE)

    low, high = place(lift["low"], 0), place(lift["high"], WIDTH)
    middle = HEIGHT / 2
    value = lift["value"]
    dot = "" if value is None else f'<circle class="dot" cx="{place(value, 0):.1f}" cy="{middle}" r="6"/>'
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{escape(text.interval(lift))}">'
        f'<line class="zero" x1="{WIDTH / 2}" x2="{WIDTH / 2}" y1="0" y2="{HEIGHT}"/>'
        f'<line class="line" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>{dot}</svg>'
    )


def _section(title: str, header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return f"<h2>{escape(title)}</h2>{_table(header, rows)}"


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header) if any(header) else ""
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{lines}</table>"
