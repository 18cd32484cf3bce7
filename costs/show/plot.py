"""Curves over people as SVG text, both axes by powers of ten."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 900, 380, 80, 290, 34, 44
COLOURS = ("#3366aa", "#cc6633", "#338855", "#884499", "#888822", "#555555")
INK, FAINT = "#222", "#ddd"


def curves(title: str, series: Mapping[str, Points], *, across: str, up: str, turns: Points = ()) -> str:
    """series: by name, points above zero. turns: points that are marked, where an answer turns.

    Raises: ValueError, if a series has a point that is not above zero, which has no logarithm.
    """
    every = [point for points in series.values() for point in points]
    if not every or any(x <= 0 or y <= 0 for x, y in every):
        raise ValueError("every point of a plot by powers of ten must be above zero, and there must be one")
    xs, ys = _range([x for x, _ in every]), _range([y for _, y in every])
    parts = [*_grid(xs, ys)]
    for at, (name, points) in enumerate(series.items()):
        colour = COLOURS[at % len(COLOURS)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(point, xs, ys) for point in points))
        # What lies on another curve shows that one through its gaps.
        dashes = ' stroke-dasharray="8 4"' if at % 2 else ""
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        row, left = TOP + 14 + 20 * at, WIDTH - RIGHT + 14
        parts.append(
            f'<line x1="{left}" y1="{row - 4}" x2="{left + 20}" y2="{row - 4}" '
            f'stroke="{colour}" stroke-width="3"{dashes}/>'
        )
        parts.append(_text(left + 26, row, name))
    for turn in turns:
        x, y = _at(turn, xs, ys)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="{INK}" stroke-width="2"/>')
        parts.append(_text(x, y - 10, f"{turn[0]:,.0f}", "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, "middle"))
    parts.append(_text(LEFT, 14, f"{title}: {up}"))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">'
    )
    return f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>"


def _range(values: Sequence[float]) -> tuple[int, int]:
    """Powers of ten around them."""
    low, high = math.floor(math.log10(min(values)) + 1e-9), math.ceil(math.log10(max(values)) - 1e-9)
    return low, max(high, low + 1)


def _at(point: tuple[float, float], xs: tuple[int, int], ys: tuple[int, int]) -> tuple[float, float]:
    across = (math.log10(point[0]) - xs[0]) / (xs[1] - xs[0])
    up = (math.log10(point[1]) - ys[0]) / (ys[1] - ys[0])
    return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)


def _grid(xs: tuple[int, int], ys: tuple[int, int]) -> Iterator[str]:
    for power in range(xs[0], xs[1] + 1):
        x, low = _at((10.0**power, 10.0 ** ys[0]), xs, ys)
        _, high = _at((10.0**power, 10.0 ** ys[1]), xs, ys)
        yield f'<line x1="{x:.1f}" y1="{low:.1f}" x2="{x:.1f}" y2="{high:.1f}" stroke="{FAINT}"/>'
        yield _text(x, low + 16, f"{10.0**power:,.0f}", "middle")
    for power in range(ys[0], ys[1] + 1):
        left, y = _at((10.0 ** xs[0], 10.0**power), xs, ys)
        right, _ = _at((10.0 ** xs[1], 10.0**power), xs, ys)
        yield f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{right:.1f}" y2="{y:.1f}" stroke="{FAINT}"/>'
        yield _text(left - 6, y + 4, f"{_short(10.0**power)}", "end")


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    # A white edge keeps lines out of the letters.
    edge = 'paint-order="stroke" stroke="#fff" stroke-width="3"'
    style = f'font-size="12" font-family="sans-serif" fill="{INK}" text-anchor="{anchor}" {edge}'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
