"""Numbers as cells and filters spell them, to the last digit, and how they are spelled again."""

import re
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

MISSING_LONG = int(np.iinfo(np.int64).min)
"""stands for an absent whole number; NaN for any other"""
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?:(?P<whole>\d+)(?:\.(?P<part>\d*))?|\.(?P<only>\d+))"
    r"(?:[eE](?P<power>[+-]?0*\d{1,9}))?",
    re.ASCII,
)
_LONGEST = 20
"""digits, one more than 64 bits can have"""
_FEATURE = 1e37


def whole(text: str) -> int | None:
    """5 of 5, +5.0, 0005 and 50e-1; None: it is no whole number, or one of more than 64 bits."""
    if len(text) < _LONGEST - 1 and text.isdigit() and text.isascii():
        return int(text)
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    part = match["part"] or match["only"] or ""
    digits = ((match["whole"] or "") + part).lstrip("0")
    shown = digits.rstrip("0")
    zeros = int(match["power"] or 0) - len(part) + len(digits) - len(shown)
    if not shown:
        return 0
    if zeros < 0 or len(shown) + zeros > _LONGEST:
        return None
    number = int(shown) * 10**zeros
    number = -number if match["sign"] == "-" else number
    return number if -(2**63) <= number < 2**63 else None


def exact(text: str) -> Decimal | None:
    """None: it is no number."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def spelled(number: int | float) -> str:
    """As a CSV has it: nothing for an absent one, else so that the same number is read again."""
    absent = number == MISSING_LONG if isinstance(number, int) else number != number
    return "" if absent else repr(number)


def floats(values: NDArray[np.generic]) -> NDArray[np.float64]:
    """The nearest ones; NaN where there is none."""
    if values.dtype == np.int64:
        return np.where(values == MISSING_LONG, np.nan, values.astype(np.float64))
    return values.astype(np.float64)


def features(values: NDArray[np.float64]) -> NDArray[np.float32]:
    """As training looks at them: in single precision, so far from its bounds that differences are finite."""
    return np.clip(values, -_FEATURE, _FEATURE).astype(np.float32)
