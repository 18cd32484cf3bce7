"""Evaluations as a table for the terminal and as one HTML file with plots."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from pathlib import Path

from engine.evaluation.evaluate import HEADLINE, Evaluation
from engine.evaluation.significance import paired
from engine.evaluation.svg import bars, curve, scatter

STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}small{color:#666}"
)


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


def write_html(path: Path, title: str, evaluations: Sequence[Evaluation]) -> None:
    names = _columns(evaluations)
    head = "".join(f"<th>{escape(name)}</th>" for name in ["model", *names, "train s", "users/s"])
    body = "".join(_row(one, names) for one in evaluations)
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
            f"{one.name}: reliability (expected error {one.figures['calibration_error']:.4f})",
            [(said, came) for said, came, _ in one.reliability],
            "chance given",
            "share that came true",
        )
        for one in evaluations
        if one.reliability
    ]
    notes = "".join(f"<li>{escape(sentence)}</li>" for sentence in differences(evaluations))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{escape(title)}</h1><table><tr>{head}</tr>{body}</table>"
        f"<p><small>Means over test users; hover for 95 % bootstrap intervals.</small></p>"
        f"<ul>{notes}</ul>{''.join(charts)}</html>\n",
        encoding="utf-8",
    )


def _columns(evaluations: Sequence[Evaluation]) -> list[str]:
    return list(dict.fromkeys(name for one in evaluations for name in (*one.metrics, *one.figures)))


def _cell(one: Evaluation, name: str) -> str:
    if name in one.metrics:
        return f"{one.metrics[name].mean:.4f}"
    return f"{one.figures[name]:.4f}" if name in one.figures else "-"


def _row(one: Evaluation, names: Sequence[str]) -> str:
    cells = [f"<td>{escape(one.name)}</td>"]
    for name in names:
        interval = one.metrics.get(name)
        hint = f' title="{interval.low:.4f} to {interval.high:.4f}"' if interval else ""
        cells.append(f"<td{hint}>{_cell(one, name)}</td>")
    cells.append(f"<td>{one.train_seconds:.2f}</td><td>{one.users_per_second:.0f}</td>")
    return f"<tr>{''.join(cells)}</tr>"


def _bar(one: Evaluation) -> tuple[str, float, float, float]:
    estimate = one.metrics[HEADLINE]
    return one.name, estimate.mean, estimate.low, estimate.high
