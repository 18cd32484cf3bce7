"""Plain text tables, as wide as the terminal lets them be."""

import shutil
import textwrap
from collections.abc import Sequence

WIDTH = 80
"""where nobody says how many columns there are"""
_NARROWEST, _WIDEST = 60, 160
_GAP = "  "


def page_width() -> int:
    """Columns of the terminal, or of COLUMNS in the environment; more than 160 are hard to follow."""
    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, _NARROWEST), _WIDEST)


def shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


def table(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
    whole: Sequence[int] = (),
    indent: int = 2,
    width: int = WIDTH,
) -> str:
    """Columns as wide as their longest cell; the widest gives way until all fit.

    right: columns of numbers, which are aligned right and give way last. whole: what does not fit in these
    goes on below; elsewhere it is cut. Headers go on below too.
    """
    room = width - indent - len(_GAP) * (len(headers) - 1)
    columns = range(len(headers))
    cells = [max((len(row[column]) for row in rows), default=0) for column in columns]
    widths = [max(len(header), cell) for header, cell in zip(headers, cells, strict=True)]
    if sum(widths) > room:
        widths = [max(_longest_word(header), cell) for header, cell in zip(headers, cells, strict=True)]
    while sum(widths) > room:
        giving = [column for column in columns if column not in right and widths[column] > 1] or columns
        widths[max(giving, key=widths.__getitem__)] -= 1
    wrapping = [_lines(headers, widths, columns)]
    wrapping += [_lines(row, widths, whole) for row in rows]
    return "\n".join(_line(line, widths, right, indent) for lines in wrapping for line in lines)


def _longest_word(text: str) -> int:
    return max(map(len, text.split()), default=0)


def _lines(row: Sequence[str], widths: Sequence[int], whole: Sequence[int]) -> list[list[str]]:
    """The row's cells, one line below another."""
    columns = [
        (textwrap.wrap(cell, width) or [""]) if column in whole else [shortened(cell, width)]
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    height = max(map(len, columns))
    return [[column[at] if at < len(column) else "" for column in columns] for at in range(height)]


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int], indent: int) -> str:
    cells = [
        f"{cell:>{width}}" if column in right else f"{cell:<{width}}"
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return (" " * indent + _GAP.join(cells)).rstrip()


def heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"
