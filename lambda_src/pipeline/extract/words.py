"""Eight bytes of text at a time: hashes of ids and digits of numbers for whole columns at once.

A *word* is the little-endian 64-bit integer of eight neighbouring bytes, at any offset. Texts are padded with
`PADDING` bytes on both sides, so that words may start before and end after any value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
Positions = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

PADDING = 32
_WORD = 8


def _each(byte: int) -> np.uint64:
    return np.uint64(int.from_bytes(bytes([byte]) * _WORD, "little"))


_LOW_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(_WORD + 1)], dtype=np.uint64)
_ZEROS, _SIXES, _HIGH_NIBBLES, _HIGH_BITS, _LOW_BITS = (_each(b) for b in (0x30, 0x06, 0xF0, 0x80, 0x7F))
_DOTS = _each(ord("."))


def words_of(text: bytes) -> Words:
    """The word at every byte offset, without a copy."""
    return np.ndarray(shape=(len(text) - _WORD + 1,), dtype="<u8", buffer=text, strides=(1,))


def hashes(words: Words, starts: Positions, lengths: Positions) -> Words:
    """A 64-bit hash per value: the value itself up to eight bytes, mixed word by word beyond.

    Among n values that are longer than eight bytes two different ones share a hash with a probability of
    about n**2 / 2**65: 3e-8 for a million, 3e-6 for ten million.
    """
    hashed = words[starts] & _LOW_BYTES[np.minimum(lengths, _WORD)]
    offset = _WORD
    longer = np.flatnonzero(lengths > offset)
    while longer.size:
        part = words[starts[longer] + offset] & _LOW_BYTES[np.minimum(lengths[longer] - offset, _WORD)]
        hashed[longer] = _mixed(hashed[longer]) ^ part
        offset += _WORD
        longer = longer[lengths[longer] > offset]
    return hashed


def _mixed(values: Words) -> Words:
    """The finaliser of splitmix64."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = values ^ (values >> np.uint64(31))
    return mixed


def unsigned_integers(words: Words, ends: Positions, lengths: Positions) -> tuple[Any, Mask]:
    """The values as int64, and which of them are 1 to 16 plain digits; other values are undefined."""
    plain = (lengths >= 1) & (lengths <= 2 * _WORD)
    low, low_digits = _eight_digits(words, ends, lengths)
    plain &= low_digits
    values = low.astype(np.int64)
    if lengths.size and lengths.max() > _WORD:
        high, high_digits = _eight_digits(words, ends - _WORD, lengths - _WORD)
        plain &= high_digits
        values += high.astype(np.int64) * 100_000_000
    return values, plain


def _right_aligned(words: Words, ends: Positions, lengths: Positions) -> Words:
    """The last eight bytes of each value, with the character 0 before shorter ones."""
    missing = _WORD - np.clip(lengths, 0, _WORD)
    if missing.any():
        filled = _LOW_BYTES[missing]
        return (words[ends - _WORD] & ~filled) | (_ZEROS & filled)
    return words[ends - _WORD]


def _eight_digits(words: Words, ends: Positions, lengths: Positions) -> tuple[Words, Mask]:
    chars = _right_aligned(words, ends, lengths)
    digits = ((chars & _HIGH_NIBBLES) == _ZEROS) & (((chars + _SIXES) & _HIGH_NIBBLES) == _ZEROS)
    pairs = chars - _ZEROS
    pairs = pairs * np.uint64(10) + (pairs >> np.uint64(8))
    alternate = np.uint64(0x000000FF000000FF)
    upper = (pairs & alternate) * np.uint64(0x000F424000000064)
    lower = ((pairs >> np.uint64(16)) & alternate) * np.uint64(0x0000271000000001)
    return (upper + lower) >> np.uint64(32), digits


def plain_decimals(words: Words, ends: Positions, lengths: Positions) -> Mask:
    """Which values are digits with at most one dot among them, up to 24 characters."""
    longest = min(int(lengths.max(initial=0)), 3 * _WORD)
    plain: Mask = (lengths >= 1) & (lengths <= 3 * _WORD)
    dots = np.zeros(lengths.shape, dtype=np.uint8)
    for offset in range(0, longest, _WORD):
        chars = _right_aligned(words, ends - offset, lengths - offset)
        dotted = _equal_bytes(chars, _DOTS)
        plain &= (_digit_bytes(chars) | dotted) == _HIGH_BITS
        dots += np.bitwise_count(dotted)
    return plain & (dots <= 1) & (dots < lengths)


def _equal_bytes(chars: Words, wanted: np.uint64) -> Words:
    """The high bit of every byte that equals the wanted one."""
    different = chars ^ wanted
    equal: Words = ~(((different & _LOW_BITS) + _LOW_BITS) | different | _LOW_BITS)
    return equal


def _digit_bytes(chars: Words) -> Words:
    """The high bit of every byte that is a digit."""
    ascii_only = ~chars & _HIGH_BITS
    seven = chars & _LOW_BITS
    at_least_zero = seven + _each(0x80 - ord("0"))
    beyond_nine = seven + _each(0x80 - ord("9") - 1)
    digits: Words = at_least_zero & ~beyond_nine & ascii_only
    return digits
