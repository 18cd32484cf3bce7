"""Small charts as SVG text, for the report: bars with intervals, a curve against the diagonal, points."""

import math
from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 320, 60, 40
INK, FAINT, COLOUR = "#222", "#ccc", "#3366aa"
LETTERS = 13


def bars(title: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """(name, value, low, high) each, horizontal."""
    step, left = 26, 150
    height = step * len(rows) + 50
    top = max((high for *_, high in rows), default=1) or 1
    parts = []
    for at, (name, value, low, high) in enumerate(rows):
        y = 30 + at * step
        scale = (WIDTH - left - 90) / top
        middle = y + step / 2 - 3
        parts.append(_text(left - 6, middle + 4, name, "end"))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{value * scale:.1f}" height="{step - 8}" fill="{COLOUR}"/>'
        )
        parts.append(_line(left + low * scale, middle, left + high * scale, middle, INK))
        parts.append(_text(left + high * scale + 8, middle + 4, f"{value:.4f}"))
    return _svg(title, parts, height)


def curve(title: str, points: Sequence[tuple[float, float]], across: str, up: str) -> str:
    """Against the diagonal, both axes alike."""
    top = max((max(point) for point in points), default=1) or 1
    parts = _axes(across, up, top, top)
    parts.append(_line(*_at(0, 0, top, top), *_at(top, top, top, top), FAINT))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(*point, top, top) for point in points))
    parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOUR}" stroke-width="2"/>')
    parts += [_dot(*_at(*point, top, top)) for point in points]
    return _svg(title, parts)


def scatter(title: str, points: Sequence[tuple[str, float, float]], across: str, up: str) -> str:
    wide = max((x for _, x, _ in points), default=1) * 1.15 or 1
    high = max((y for _, _, y in points), default=1) * 1.1 or 1
    parts = _axes(across, up, wide, high)
    lowest = float(HEIGHT)
    for name, x, y in sorted(points, key=lambda point: point[2]):
        place = _at(x, y, wide, high)
        lowest = min(place[1] + 4, lowest - LETTERS)  # names above one another, so that none hides another
        parts += [_dot(*place), _text(place[0] + 7, lowest, name)]
    return _svg(title, parts)


def line(title: str, points: Sequence[tuple[float, float]], across: str, up: str) -> str:
    """One rising or falling line from zero on both axes."""
    wide, high = (max((point[at] for point in points), default=1) * 1.1 or 1 for at in (0, 1))
    parts = _axes(across, up, wide, high)
    places = [_at(*point, wide, high) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOUR}" stroke-width="2"/>')
    return _svg(title, [*parts, *(_dot(*place) for place in places)])


def ticks(top: float) -> list[float]:
    """Round numbers up to top: three to six of them."""
    unit = 10.0 ** math.floor(math.log10(top))
    step = next(unit * part for part in (0.2, 0.25, 0.5, 1, 2) if top / (unit * part) <= 6)
    return [round(step * at, 12) for at in range(1, int(top / step + 1e-9) + 1)]


def _at(x: float, y: float, wide: float, high: float) -> tuple[float, float]:
    across = LEFT + x / wide * (WIDTH - LEFT - 60)
    return across, HEIGHT - BOTTOM - y / high * (HEIGHT - BOTTOM - 44)


def _axes(across: str, up: str, wide: float, high: float) -> list[str]:
    zero, right, top = _at(0, 0, wide, high), _at(wide, 0, wide, high), _at(0, high, wide, high)
    parts = [_line(*zero, *right, INK), _line(*zero, *top, INK)]
    for tick in ticks(wide):
        x, y = _at(tick, 0, wide, high)
        parts.append(_text(x, y + 14, f"{tick:,g}", "middle"))
    for tick in ticks(high):
        x, y = _at(0, tick, wide, high)
        parts.append(_text(x - 5, y + 4, f"{tick:,g}", "end"))
    parts.append(_text(WIDTH / 2, HEIGHT - 6, across, "middle"))
    parts.append(_text(LEFT + 6, 36, up))
    return parts


def _svg(title: str, parts: Sequence[str], height: int = HEIGHT) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">'
    )
    return (
        f"{head}<title>{escape(title)}</title>{_text(LEFT, 14, title, weight='bold')}{''.join(parts)}</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _dot(x: float, y: float) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOUR}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    style = (
        f'font-size="12" font-family="sans-serif" font-weight="{weight}" fill="{INK}" text-anchor="{anchor}"'
    )
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'
