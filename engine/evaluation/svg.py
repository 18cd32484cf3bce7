"""Small charts as SVG text: bars with intervals, a curve against the diagonal, points with names.

They are drawn for 360 px, so that letters are still read on a telephone and in print; pages may enlarge them.
"""

import math
from collections.abc import Iterator, Sequence
from html import escape

WIDTH, HEIGHT = 360, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 48, 44
NAMES = 122
"""width of the column of names beside points"""
INK, FAINT, COLOUR = "#222", "#bbb", "#3366aa"
SIZE, LETTERS = 12, 14
"""of letters, and from one line of them to the next"""
LETTER_WIDTH = 7.0
"""at most, on an average over a name's letters, in the usual sans-serif faces"""


def bars(title: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """(name, value, low, high) each: the name and the value above, the bar with its interval below."""
    step, thick = 36, 12
    height = 30 + step * len(rows)
    top = max((max(value, high) for _, value, _, high in rows), default=1) or 1
    scale = (WIDTH - 2) / top
    parts = []
    for at, (name, value, low, high) in enumerate(rows):
        y = 26 + at * step
        figure = f"{value:.4f}"
        parts.append(_text(0, y + 12, fitting(name, WIDTH - _width(figure) - 8)))
        parts.append(_text(WIDTH, y + 12, figure, "end"))
        parts.append(
            f'<rect x="0" y="{y + 17}" width="{value * scale:.1f}" height="{thick}" fill="{COLOUR}"/>'
        )
        middle = y + 17 + thick / 2
        parts.append(_line(low * scale, middle, high * scale, middle, INK))
        parts += [_line(end * scale, middle - 4, end * scale, middle + 4, INK) for end in (low, high)]
    return _svg(title, parts, height)


def curve(title: str, points: Sequence[tuple[float, float]], across: str, up: str) -> str:
    """Against the diagonal, both axes alike."""
    top = max((max(point) for point in points), default=1) or 1
    plot = _Plot(top, top)
    parts = plot.axes(across, up)
    parts.append(_line(*plot.at(0, 0), *plot.at(top, top), FAINT))
    return _svg(title, [*parts, *_path([plot.at(*point) for point in points])], HEIGHT)


def scatter(title: str, points: Sequence[tuple[str, float, float]], across: str, up: str) -> str:
    """Names stand in a column beside the points, in their order from the top, each tied to its point."""
    wide = max((x for _, x, _ in points), default=1) * 1.05 or 1
    high = max((y for _, _, y in points), default=1) * 1.05 or 1
    plot = _Plot(wide, high, right=NAMES, height=max(HEIGHT, TOP + BOTTOM + LETTERS * len(points)))
    parts = plot.axes(across, up)
    dots = sorted(((name, *plot.at(x, y)) for name, x, y in points), key=lambda dot: dot[2])
    places = spread([y for _, _, y in dots], TOP, plot.height - BOTTOM)
    edge = WIDTH - NAMES + 8
    for (name, x, y), place in zip(dots, places, strict=True):
        parts += [_line(x, y, edge, place, FAINT), _text(edge + 4, place + 4, fitting(name, NAMES - 12))]
    return _svg(title, [*parts, *(_dot(x, y) for _, x, y in dots)], plot.height)


def line(title: str, points: Sequence[tuple[float, float]], across: str, up: str) -> str:
    """One rising or falling line from zero on both axes."""
    wide, high = (max((point[at] for point in points), default=1) * 1.1 or 1 for at in (0, 1))
    plot = _Plot(wide, high)
    return _svg(title, [*plot.axes(across, up), *_path([plot.at(*point) for point in points])], HEIGHT)


def ticks(top: float) -> list[float]:
    """Round numbers up to top: three to six of them."""
    unit = 10.0 ** math.floor(math.log10(top))
    step = next(unit * part for part in (0.2, 0.25, 0.5, 1, 2) if top / (unit * part) <= 6)
    return [round(step * at, 12) for at in range(1, int(top / step + 1e-9) + 1)]


def spread(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Places for lines of letters, in the same order, each as near to the wanted one as the others let it.

    wanted: rising. From `top` on, and to `bottom` if there is room for all.
    """
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + LETTERS if places else top))
    lowest = max(bottom, top + LETTERS * (len(places) - 1))
    for at in reversed(range(len(places))):
        places[at] = min(places[at], lowest - LETTERS * (len(places) - 1 - at))
    return places


def fitting(name: str, width: float) -> str:
    """As much of a name as fits; its middle goes first, for beginnings and ends tell names apart."""
    room = int(width / LETTER_WIDTH)
    if len(name) <= room:
        return name
    end = (room - 1) // 2
    return f"{name[: room - 1 - end]}…{name[len(name) - end :]}"


def short(number: float) -> str:
    """As the axes write it: 20k for 20,000, 1.5M for 1,500,000."""
    for least, unit, letter in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if number >= least:
            return f"{number / unit:,g}{letter}"
    return f"{number:,g}"


class _Plot:
    """Axes from zero to `wide` and `high`, and where a point lies between them."""

    def __init__(self, wide: float, high: float, *, right: float = RIGHT, height: float = HEIGHT) -> None:
        self._wide, self._high, self._right = wide, high, WIDTH - right
        self.height = height

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / self._wide * (self._right - LEFT)
        return across, self.height - BOTTOM - y / self._high * (self.height - BOTTOM - TOP)

    def axes(self, across: str, up: str) -> list[str]:
        zero, right, top = self.at(0, 0), self.at(self._wide, 0), self.at(0, self._high)
        parts = [_line(*zero, *right, INK), _line(*zero, *top, INK)]
        for tick in self._apart(ticks(self._wide)):
            x, y = self.at(tick, 0)
            parts += [_line(x, y, x, y + 4, INK), _text(x, y + 16, short(tick), "middle")]
        for tick in ticks(self._high):
            x, y = self.at(0, tick)
            parts += [_line(x - 4, y, x, y, INK), _text(x - 7, y + 4, short(tick), "end")]
        parts.append(_text((LEFT + self._right) / 2, self.height - 8, across, "middle"))
        parts.append(_text(2, TOP - 14, f"{up} ↑"))
        return parts

    def _apart(self, marks: Sequence[float]) -> Iterator[float]:
        """Every one of the marks, or every second, third ...: so many that their numbers stay apart."""
        distance = self.at(marks[0], 0)[0] - LEFT if marks else 1.0
        widest = max((_width(short(mark)) for mark in marks), default=0.0) + 6
        every = max(1, math.ceil(widest / distance))
        return (mark for at, mark in enumerate(marks, 1) if at % every == 0)


def _path(places: Sequence[tuple[float, float]]) -> list[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    shape = f'<polyline points="{path}" fill="none" stroke="{COLOUR}" stroke-width="2"/>'
    return [shape, *(_dot(*place) for place in places)]


def _svg(title: str, parts: Sequence[str], height: float) -> str:
    size = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    shown = _text(0, 14, fitting(title, WIDTH), weight="bold")
    return f"{head}<title>{escape(title)}</title>{shown}{''.join(parts)}</svg>"


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOUR}"/>'


def _width(text: str) -> float:
    return len(text) * LETTER_WIDTH


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    style = (
        f'font-size="{SIZE}" font-family="sans-serif" font-weight="{weight}" fill="{INK}" '
        f'text-anchor="{anchor}"'
    )
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
