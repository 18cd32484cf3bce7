"""Numbers in a column of CSV text: parsed for all rows at once, one by one only where that fails."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from pipeline.columns import INTEGER_BITS
from pipeline.extract.blocks import Block, unquoted
from pipeline.extract.words import Mask, Positions, plain_decimals, unsigned_integers

EARLIEST = 631_152_000
"""1990-01-01T00:00:00Z"""
DAY = 86_400

_INTEGER = re.compile(rb"[+-]?[0-9]{1,30}")
_DECIMAL = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")


def integers(block: Block, column: int, present: Mask, type_name: str) -> tuple[Any, Mask]:
    """The values as int64 (undefined where not good) and which rows hold an integer that fits the type."""
    ends = block.ends[column]
    lengths, negative = _unsigned_lengths(block, column)
    values, good = unsigned_integers(block.words, ends, lengths)
    if negative.any():
        values[negative] *= -1
    bound = 1 << (INTEGER_BITS[type_name] - 1)
    for row in np.flatnonzero(present & ~good):
        raw = unquoted(block.raw(column, int(row)))
        if _INTEGER.fullmatch(raw) and -bound <= int(raw) < bound:
            values[row], good[row] = int(raw), True
    if type_name == "int":
        good &= (values >= -bound) & (values < bound)
    return values, good & present


def decimals(block: Block, column: int, present: Mask) -> Mask:
    """Which rows hold a finite decimal number."""
    lengths, _ = _unsigned_lengths(block, column)
    good = plain_decimals(block.words, block.ends[column], lengths)
    for row in np.flatnonzero(present & ~good):
        raw = unquoted(block.raw(column, int(row)))
        good[row] = _DECIMAL.fullmatch(raw) is not None and math.isfinite(float(raw))
    return good & present


def _unsigned_lengths(block: Block, column: int) -> tuple[Positions, Mask]:
    starts, ends = block.starts[column], block.ends[column]
    negative: Mask = (block.words[starts] & np.uint64(0xFF)) == np.uint64(ord("-"))
    lengths = ends - starts
    return (lengths - negative if negative.any() else lengths), negative


def implausible_times(values: Any, good: Mask, now: float) -> tuple[Mask, Mask]:
    """Which values look like milliseconds, and which others are not epoch seconds of 1990 ... tomorrow."""
    latest = int(now) + DAY
    strange: Mask = good & ((values < EARLIEST) | (values > latest))
    if not strange.any():
        return strange, strange
    seconds = values // 1000
    milliseconds: Mask = strange & (seconds >= EARLIEST) & (seconds <= latest)
    return milliseconds, strange & ~milliseconds
