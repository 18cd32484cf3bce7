"""Numbers and times as they are written: which texts are numbers, which numbers are plausible times."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from engine.data.findings import Findings

Doubles = NDArray[np.float64]

EXACT = 2**53
"""whole numbers beyond are not exact as floats"""
EARLIEST = 631_152_000
"""1990-01-01T00:00:00Z"""
DAY = 86_400
UNITS = {"milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
TIMES = ("TIMESTAMP", "CREATION_TIMESTAMP")
ADVICE = "times are seconds since 1970, UTC, from 1990 to tomorrow"

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_UNKNOWN = frozenset({"", "nan"})
_LETTERS = "0123456789.+-eE"
_DIGITS = len(str(EXACT))


def number_of(text: str) -> float | None:
    """NaN for an empty text and what libraries write for no number; None: it is no decimal number."""
    if _DECIMAL.fullmatch(text):
        return float(text)
    return float("nan") if text.lower() in _UNKNOWN else None


def numbers_of(texts: Sequence[str]) -> Doubles | None:
    """None, if any of them is no number; what is too large for a float64 is infinite."""
    if not "".join(texts).strip(_LETTERS):  # float() takes more, such as 1_0
        with suppress(ValueError):
            return np.fromiter((float(text or "nan") for text in texts), np.float64, len(texts))
    found = [number_of(text) for text in texts]
    return None if None in found else np.array(found, np.float64)


def are_names(texts: Sequence[str]) -> bool:
    """Whether these are whole numbers, some of which a float64 would change: names, not amounts."""
    return all(not text or _WHOLE.fullmatch(text) for text in texts) and any(map(_is_wide, texts))


def seconds_of(texts: Sequence[str], name: str, first: int, findings: Findings, now: float) -> Doubles:
    """The times of rows from row `first` on, NaN where there is none; notes what is wrong.

    A fraction of a second stays, for whoever needs whole ones to drop.
    """
    joined = "".join(texts)
    wrong: list[int] = []
    if joined.isascii() and joined.isdigit() and "" not in texts:
        values = np.fromiter(map(float, texts), np.float64, len(texts))
    else:
        found = [number_of(text) for text in texts]
        wrong = [row for row, value in enumerate(found) if value is None]
        values = np.array([np.nan if value is None else value for value in found], np.float64)
    note_implausible(values, name, findings, now, lambda row: texts[row], first=first)
    rows = [first + row for row in wrong]
    what = f"{name} must be numbers"
    findings.add(what, rows, lambda row: texts[row - first], advice="seconds since 1970, UTC")
    values[wrong] = 0  # noted: not missing
    return values


def note_implausible(
    values: Doubles,
    name: str,
    findings: Findings,
    now: float,
    show: Callable[[int], object],
    *,
    first: int = 0,
) -> None:
    """Notes times that are none of 1990 ... tomorrow, by the unit in which they would be."""
    latest = int(now) + DAY
    strange = np.flatnonzero((values < EARLIEST) | (values > latest))
    if not len(strange):
        return

    def shown(row: int) -> object:
        return show(row - first)

    for unit, parts in UNITS.items():
        seconds = np.floor(values[strange] / parts)
        finer = (seconds >= EARLIEST) & (seconds <= latest)
        advice = f"divide by {parts:,}: times are seconds since 1970"
        what = f"{name} with {unit} instead of seconds"
        findings.add(what, (strange[finer] + first).tolist(), shown, advice=advice)
        strange = strange[~finer]
    findings.add(f"implausible {name}", (strange + first).tolist(), shown, advice=ADVICE)


def _is_wide(text: str) -> bool:
    digits = text.lstrip("+-").lstrip("0")
    return len(digits) > _DIGITS or (len(digits) == _DIGITS and int(digits) > EXACT)
