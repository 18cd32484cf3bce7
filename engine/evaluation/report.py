"""Evaluations as text for a terminal: tables that fit it, and what tells models apart."""

import shutil
import textwrap
from collections.abc import Sequence
from itertools import pairwise

from engine.evaluation.evaluate import HEADLINE, Evaluation
from engine.evaluation.significance import paired

WIDTH = 80
"""columns, where a terminal does not say how many it has"""
_GAP = "  "


def width() -> int:
    """Columns of the terminal, or of COLUMNS in the environment."""
    return shutil.get_terminal_size((WIDTH, 24)).columns


def table(evaluations: Sequence[Evaluation], columns: int = WIDTH) -> str:
    """Fixed-width text, a row per model, in as many parts below one another as fit."""
    names = measured(evaluations)
    rows = [["model", *names, "train s", "users/s"]]
    for one in evaluations:
        speed = [f"{one.train_seconds:.2f}", f"{one.users_per_second:.0f}"]
        rows.append([one.name, *(cell(one, name) for name in names), *speed])
    return folded(rows, columns)


def measured(evaluations: Sequence[Evaluation]) -> list[str]:
    """The names of what any of them has."""
    return list(dict.fromkeys(name for one in evaluations for name in (*one.metrics, *one.figures)))


def cell(one: Evaluation, name: str) -> str:
    """A figure with four decimals, or a dash."""
    if name in one.metrics:
        return f"{one.metrics[name].mean:.4f}"
    return f"{one.figures[name]:.4f}" if name in one.figures else "-"


def folded(rows: Sequence[Sequence[str]], columns: int = WIDTH) -> str:
    """`aligned`, in parts below one another that each begin with the first column; nothing is cut.

    A part has at least one more column, however wide.
    """
    parts: list[list[int]] = []
    room = 0
    for at in range(1, len(rows[0])):
        wide = len(_GAP) + _widest(rows, at)
        if not parts or wide > room:
            parts.append([])
            room = columns - _widest(rows, 0)
        parts[-1].append(at)
        room -= wide
    return "\n\n".join(
        aligned([[row[0], *(row[at] for at in part)] for row in rows]) for part in parts or [[]]
    )


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell, the first to the left, the others to the right."""
    widths = [_widest(rows, at) for at in range(len(rows[0]))]
    lines = []
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append(_GAP.join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)


def wrapped(sentences: Sequence[str], columns: int = WIDTH) -> str:
    """A sentence a line, the rest of long ones indented below it."""
    return "\n".join(
        textwrap.fill(one, columns, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for one in sentences
    )


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


def _widest(rows: Sequence[Sequence[str]], at: int) -> int:
    return max(len(row[at]) for row in rows)
