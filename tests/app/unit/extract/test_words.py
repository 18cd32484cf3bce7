"""Eight bytes at a time against one character after the other."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.extract.words import (
    PADDING,
    Positions,
    Words,
    hashes,
    plain_decimals,
    unsigned_integers,
    words_of,
)

DIGITS = st.text(alphabet="0123456789", max_size=26)
NEARLY = st.text(alphabet="0123456789./:;-\x00@\x7fé", max_size=26)
VALUES = st.lists(DIGITS | NEARLY, min_size=1, max_size=12)


def laid(values: list[str]) -> tuple[Words, Positions, Positions, Positions]:
    """The words of a text that has these values, and where each begins and ends and how long it is."""
    cells = [value.encode() for value in values]
    lengths = np.array([len(cell) for cell in cells])
    ends = PADDING + np.cumsum(lengths + 1) - 1
    text = b" " * PADDING + b"".join(cell + b"," for cell in cells) + b" " * PADDING
    return words_of(text), ends - lengths, ends, lengths


@settings(max_examples=80)
@given(VALUES)
def test_one_to_sixteen_digits_are_a_number_and_nothing_else_is(values: list[str]) -> None:
    words, _, ends, lengths = laid(values)

    numbers, plain = unsigned_integers(words, ends, lengths)

    assert plain.tolist() == [bool(re.fullmatch("[0-9]{1,16}", value)) for value in values]
    assert numbers[plain].tolist() == [
        int(value) for value, is_plain in zip(values, plain, strict=True) if is_plain
    ]


@settings(max_examples=80)
@given(VALUES)
def test_digits_with_one_dot_at_most_are_a_plain_decimal(values: list[str]) -> None:
    words, _, ends, lengths = laid(values)

    plain = plain_decimals(words, ends, lengths)

    assert plain.tolist() == [
        bool(re.fullmatch(r"(?=.{1,24}$)([0-9]+\.?[0-9]*|\.[0-9]+)", value)) for value in values
    ]


@settings(max_examples=80)
@given(st.lists(st.text(alphabet="ab1", max_size=20), min_size=1, max_size=20))
def test_values_share_a_hash_if_they_are_the_same(values: list[str]) -> None:
    words, starts, _, lengths = laid(values)

    found = dict(zip(values, hashes(words, starts, lengths).tolist(), strict=True))

    assert hashes(words, starts, lengths).tolist() == [found[value] for value in values]
    assert len(set(found.values())) == len(found)
