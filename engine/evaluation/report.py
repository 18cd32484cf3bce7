"""Evaluations as a table for the terminal and as one HTML file with plots."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

from engine.evaluation.evaluate import HEADLINE, Evaluation
from engine.evaluation.significance import paired
from engine.evaluation.svg import bars, curve, line, scatter

STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2rem;max-width:100rem}svg{margin:1rem 2rem 0 0}"
    "table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;vertical-align:top}"
    "td,th{white-space:nowrap;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}small{color:#666}"
)


@dataclass(frozen=True)
class Ingredient:
    """A member of a blend: what its raw scores weigh, and the half-life of a history in items."""

    name: str
    weight: float
    half_life: float | None
    """None: all items of a history count alike"""


def table(evaluations: Sequence[Evaluation]) -> str:
    """Fixed-width text, a row per model."""
    names = _columns(evaluations)
    rows = [["model", *names, "train s", "users/s"]]
    for one in evaluations:
        speed = [f"{one.train_seconds:.2f}", f"{one.users_per_second:.0f}"]
        rows.append([one.name, *(_cell(one, name) for name in names), *speed])
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell, the first to the left, the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = []
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def differences(evaluations: Sequence[Evaluation]) -> list[str]:
    """Each model against the next best by the headline metric, as sentences."""
    ranked = sorted(evaluations, key=lambda one: -one.per_user.mean())
    sentences = []
    for better, worse in pairwise(ranked):
        gap = paired(better.per_user, worse.per_user)
        verdict = "better" if gap.p_value < 0.05 and gap.mean.mean > 0 else "not distinguishable"
        sentences.append(
            f"{better.name} - {worse.name}: {gap.mean.mean:+.4f} {HEADLINE} "
            f"[{gap.mean.low:+.4f}, {gap.mean.high:+.4f}], p = {gap.p_value:.4f}: {verdict}"
        )
    return sentences


def write_html(
    path: Path,
    title: str,
    evaluations: Sequence[Evaluation],
    *,
    blends: Mapping[str, Sequence[Ingredient]] | None = None,
    learning: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> None:
    """blends: what hybrids are made of; learning: by model, (training pairs, NDCG@10) of growing parts."""
    names = _columns(evaluations)
    head = "".join(f"<th>{escape(one.name)}</th>" for one in evaluations)
    body = "".join(_row(name, evaluations) for name in names)
    body += _plain("train s", [f"{one.train_seconds:.2f}" for one in evaluations])
    body += _plain("users/s", [f"{one.users_per_second:,.0f}" for one in evaluations])
    notes = "".join(f"<li>{escape(sentence)}</li>" for sentence in differences(evaluations))
    parts = [
        f"<h1>{escape(title)}</h1><table><tr><th></th>{head}</tr>{body}</table>"
        "<p><small>Means over test users, with 95 % bootstrap intervals. Popularity and the demographic "
        "heuristic are what any model has to beat.</small></p>",
        f"<h2>Is the difference more than luck?</h2><ul>{notes}</ul>",
        *(_blend(name, blend) for name, blend in (blends or {}).items()),
        *_charts(evaluations),
    ]
    for name, points in (learning or {}).items():
        parts.append(line(f"{name}: learning curve", points, "pairs trained on", HEADLINE))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style>{''.join(parts)}</html>\n",
        encoding="utf-8",
    )


def _charts(evaluations: Sequence[Evaluation]) -> list[str]:
    charts = [
        bars(f"{HEADLINE}, 95 % intervals", [_bar(one) for one in evaluations]),
        scatter(
            "accuracy and reach",
            [(one.name, one.figures["coverage@10"], one.metrics[HEADLINE].mean) for one in evaluations],
            "coverage@10",
            HEADLINE,
        ),
    ]
    charts += [
        curve(
            f"{one.name}: reliability (expected calibration error {one.figures['calibration_error']:.4f})",
            [(said, came) for said, came, _ in one.reliability],
            "chance given",
            "share that came true",
        )
        for one in evaluations
        if one.reliability
    ]
    return charts


def _blend(name: str, blend: Sequence[Ingredient]) -> str:
    rows = []
    for one in blend:
        memory = "none" if one.half_life is None else f"{one.half_life:g} items"
        rows.append(_plain(one.name, [f"{one.weight:.4g}", memory]))
    head = "<tr><th>member</th><th>weight on its raw scores</th><th>half-life of a history</th></tr>"
    return f"<h2>What {escape(name)} is made of</h2><table>{head}{''.join(rows)}</table>"


def _columns(evaluations: Sequence[Evaluation]) -> list[str]:
    return list(dict.fromkeys(name for one in evaluations for name in (*one.metrics, *one.figures)))


def _cell(one: Evaluation, name: str) -> str:
    if name in one.metrics:
        return f"{one.metrics[name].mean:.4f}"
    return f"{one.figures[name]:.4f}" if name in one.figures else "-"


def _row(name: str, evaluations: Sequence[Evaluation]) -> str:
    cells = []
    for one in evaluations:
        interval = one.metrics.get(name)
        within = f"<br><small>{interval.low:.3f} to {interval.high:.3f}</small>" if interval else ""
        cells.append(f"{_cell(one, name)}{within}")
    return _plain(name, cells)


def _plain(name: str, cells: Sequence[str]) -> str:
    return f"<tr><td>{escape(name)}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _bar(one: Evaluation) -> tuple[str, float, float, float]:
    estimate = one.metrics[HEADLINE]
    return one.name, estimate.mean, estimate.low, estimate.high
