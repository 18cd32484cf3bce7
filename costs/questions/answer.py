"""An answer: curves, the points at which one overtakes another, and words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Curve = Callable[[float], float]


@dataclass(frozen=True)
class Turn:
    """Where two curves meet: beyond x, `then` is the cheaper one."""

    x: float
    y: float
    then: str


@dataclass(frozen=True)
class Answer:
    """series: (x, US dollars a month) by name. across: what x is. words: the answer, the point where it turns
    among them. rests_on: volumes with where they are from, and prices that are assumed or old.
    """

    question: str
    across: str
    series: Mapping[str, Sequence[tuple[float, float]]]
    turns: tuple[Turn, ...]
    words: tuple[str, ...]
    rests_on: tuple[str, ...]


def turns(first: tuple[str, Curve], second: tuple[str, Curve], xs: Sequence[float]) -> tuple[Turn, ...]:
    """All points between xs, which rise and are above zero, at which the cheaper one changes."""
    (first_name, one), (second_name, other) = first, second
    found = []
    before = xs[0], one(xs[0]) - other(xs[0])
    for x in xs[1:]:
        gap = one(x) - other(x)
        if gap * before[1] < 0:
            at = _bisected(lambda value: one(value) - other(value), before[0], x)
            found.append(Turn(at, one(at), second_name if gap > 0 else first_name))
        if gap:
            before = x, gap
    return tuple(found)


def said(
    found: Sequence[Turn], first: tuple[str, Curve], second: tuple[str, Curve], xs: Sequence[float], unit: str
) -> str:
    """One sentence: which one is cheaper up to where, and from where on."""
    (first_name, one), (second_name, other) = first, second
    cheaper, dearer = first_name, second_name
    if one(xs[0]) >= other(xs[0]):
        cheaper, dearer = dearer, cheaper
    if all(math.isclose(one(x), other(x), rel_tol=1e-9) for x in xs):
        return (
            f"{first_name} and {second_name} cost the same from {_number(xs[0])} to {_number(xs[-1])} {unit}"
        )
    if not found:
        where = f"from {_number(xs[0])} to {_number(xs[-1])} {unit}"
        return f"cheaper: {cheaper} than {dearer}, {where}: the answer never turns"
    steps = [f"cheaper: {cheaper} below {_number(found[0].x)} {unit}"] + [
        f"{turn.then} from {_number(turn.x)} {unit} on (there {turn.y:,.2f} USD a month both)"
        for turn in found
    ]
    return ", ".join(steps)


def _number(x: float) -> str:
    return f"{x:,.0f}" if x >= 10 else f"{x:.2g}"


def _bisected(gap: Curve, low: float, high: float) -> float:
    """Between two points at which the gap has different signs; over logarithms, to a millionth."""
    rising = gap(high) > 0
    for _ in range(60):
        middle = math.sqrt(low * high)
        if (gap(middle) > 0) == rising:
            high = middle
        else:
            low = middle
        if high / low < 1 + 1e-6:
            break
    return math.sqrt(low * high)
