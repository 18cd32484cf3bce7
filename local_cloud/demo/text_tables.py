"""Plain text tables, at most 100 characters wide."""

from collections.abc import Sequence

WIDTH = 100
_GAP = "  "


def shortened(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 1, 0)].rstrip() + "…"


def table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: int = 2
) -> str:
    """Columns as wide as their longest cell; the widest gives way until all fit; `right`: aligned right."""
    cells = [list(headers), *map(list, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    room = WIDTH - indent - len(_GAP) * (len(headers) - 1)
    while sum(widths) > room:
        widths[widths.index(max(widths))] -= 1
    return "\n".join(_line(row, widths, right, indent) for row in cells)


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int], indent: int) -> str:
    cells = [
        f"{shortened(cell, width):>{width}}" if column in right else f"{shortened(cell, width):<{width}}"
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return (" " * indent + _GAP.join(cells)).rstrip()


def heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"
