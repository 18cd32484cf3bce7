"""Evaluations as text for a terminal: tables that fit it, and what tells models apart."""

import shutil
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.evaluation.evaluate import HEADLINE, Evaluation
from engine.evaluation.significance import paired

WIDTH = 80
"""columns, where a terminal does not say how many it has"""
_GAP = "  "


@dataclass(frozen=True)
class Gap:
    """How much higher the headline metric of one model is than that of the next best, over the same people,
    with its 95 % interval. p_value: the chance of one so large by luck.
    """

    better: str
    worse: str
    mean: float
    low: float
    high: float
    p_value: float

    @property
    def beyond_luck(self) -> bool:
        return self.p_value < 0.05 and self.mean > 0


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


def gaps(evaluations: Sequence[Evaluation]) -> list[Gap]:
    """Each model against the next best by the headline metric."""
    ranked = sorted(evaluations, key=lambda one: -one.per_user.mean())
    found = []
    for better, worse in pairwise(ranked):
        gap = paired(better.per_user, worse.per_user)
        found.append(Gap(better.name, worse.name, gap.mean.mean, gap.mean.low, gap.mean.high, gap.p_value))
    return found


def differences(evaluations: Sequence[Evaluation]) -> list[str]:
    """`gaps` as sentences."""
    return [
        f"{gap.better} - {gap.worse}: {gap.mean:+.4f} {HEADLINE} [{gap.low:+.4f}, {gap.high:+.4f}], "
        f"p = {gap.p_value:.4f}: {'better' if gap.beyond_luck else 'not distinguishable'}"
        for gap in gaps(evaluations)
    ]


def _widest(rows: Sequence[Sequence[str]], at: int) -> int:
    return max(len(row[at]) for row in rows)
