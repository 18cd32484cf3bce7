"""Scores as JSON texts: seven digits each, as `repr` writes them, for whole blocks of lists at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Floats

DIGITS = 7
"""Of a score: as many as its 32 bits hold."""
_LARGEST_EXACT = 22
"""10 to the power of it is the last one that 64 bits hold exactly, and so is a quotient by it the nearest."""
_NEAR_TIE = 1e-6
_PLACES = 10
"""After the point, of scores from 0.0001 to below 1: what is smaller or larger is left to `repr`."""
_HALF = 100_000
Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]


def rounded(scores: Floats) -> Doubles:
    """To seven digits, each the double that is nearest to them; infinite ones stay as they are.

    n / 10^k is that double as long as both are exact. What is not certain to be rounded rightly (near the
    middle between two numbers of seven digits) or exactly is left to Python's own formatting, one by one.
    """
    parts = _Parts.of(scores)
    found: Doubles = np.where(parts.certain, parts.whole / parts.factors, parts.values)
    for place in np.argwhere(parts.plain & ~parts.certain):
        found[tuple(place)] = float(f"{parts.values[tuple(place)]:.{DIGITS}g}")
    return found


def joined(scores: Floats, lengths: Integers) -> list[str]:
    """Per row the first so many scores (rows x positions), with commas between them."""
    parts = _Parts.of(scores)
    wanted = np.arange(scores.shape[1]) < lengths[:, None]
    simple = parts.certain & (parts.shift <= _PLACES) & (parts.whole > 0) & (parts.whole < parts.factors)
    by_table = (simple | ~wanted).all(axis=1)
    texts = [""] * len(scores)
    rows = np.flatnonzero(by_table)
    for row, text in zip(rows.tolist(), _by_table(parts.take(rows), wanted[rows]), strict=True):
        texts[row] = text
    others = np.flatnonzero(~by_table)
    for row, values in zip(others.tolist(), rounded(scores[others]).tolist(), strict=True):
        texts[row] = ",".join(map(repr, values[: lengths[row]]))
    return texts


@dataclass(frozen=True)
class _Parts:
    """values: as doubles. whole: their seven digits as a number; shift: how many places it is too large, as
    a power of ten in `factors`. plain: finite and not 0. certain: whole and shift are right and exact.
    """

    values: Doubles
    whole: Doubles
    shift: Doubles
    factors: Doubles
    plain: NDArray[np.bool_]
    certain: NDArray[np.bool_]

    @classmethod
    def of(cls, scores: Floats) -> _Parts:
        values = scores.astype(np.float64)
        sizes = np.abs(values)
        plain = np.isfinite(values) & (sizes > 0)
        shift = DIGITS - 1 - np.floor(np.log10(sizes, out=np.zeros_like(sizes), where=plain))
        factors = _POWERS[np.clip(shift, 0, _LARGEST_EXACT).astype(np.int64)]
        scaled = np.where(plain, values * factors, 0.0)
        whole = np.rint(scaled)
        digits = np.abs(whole)
        certain = (
            (np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) > _NEAR_TIE)
            & (digits >= 10 ** (DIGITS - 1))
            & (digits <= 10**DIGITS)
            & (shift >= 0)
            & (shift <= _LARGEST_EXACT)
        )
        return cls(values, whole, shift, factors, plain, plain & certain)

    def take(self, rows: Integers) -> _Parts:
        kept: list[Any] = [getattr(self, name)[rows] for name in self.__dataclass_fields__]
        return _Parts(*kept)


def _by_table(parts: _Parts, wanted: NDArray[np.bool_]) -> list[str]:
    """Of rows whose wanted scores are all below 1 and have few places: 0. and digits, no zeros at the end."""
    digits, zeros = _tables()
    up = _POWERS[(_PLACES - parts.shift[wanted]).astype(np.int64)]
    whole = (parts.whole[wanted] * up).astype(np.int64)
    upper, lower = np.divmod(whole, _HALF)
    cells = np.empty((len(whole), 2 + _PLACES + 1), np.uint8)
    cells[:, :2] = np.frombuffer(b"0.", np.uint8)
    cells[:, 2:7], cells[:, 7:12] = digits[upper], digits[lower]
    lengths = 2 + _PLACES - np.where(lower == 0, 5 + zeros[upper], zeros[lower])
    cells[np.arange(len(cells)), lengths] = ord(",")
    text = cells[np.arange(cells.shape[1]) <= lengths[:, None]].tobytes().decode("ascii")
    ends = np.concatenate([[0], np.cumsum(lengths + 1)])
    borders = ends[np.concatenate([[0], np.cumsum(wanted.sum(axis=1))])].tolist()
    return [text[start : max(stop - 1, start)] for start, stop in pairwise(borders)]


_POWERS = np.power(10.0, np.arange(_LARGEST_EXACT + 1))


@cache
def _tables() -> tuple[NDArray[np.uint8], Integers]:
    """Of the numbers below a hundred thousand: their five digits as letters, and how many zeros end them."""
    numbers = np.arange(_HALF)
    powers = 10 ** np.arange(5)[::-1]
    digits = (numbers[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    zeros = (numbers[:, None] % (10 ** np.arange(1, 6)) == 0).sum(axis=1)
    return digits, zeros
