"""Texts as bytes of one width, so that a column of them is coded without a Python object per row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes

Words = NDArray[np.uint64]
"""rows x words: the bytes of a text, eight to a word (little-endian), zeros behind"""
_WORD = 8
_FEWEST_SLOTS = 1 << 10
_ODD = np.uint64(0x9E3779B97F4A7C15)


class ByteCoder:
    """A code for every distinct row of words, in the order in which they are first asked for.

    A hash table with open addressing whose steps are taken by all rows at once; what shares a slot is told
    apart by its bytes.
    """

    def __init__(self) -> None:
        self._count = 0
        self._texts: Words = np.zeros((0, 1), np.uint64)
        self._table: Codes = np.full(_FEWEST_SLOTS, -1, np.int32)

    def codes(self, words: Words) -> Codes:
        self._widen(words.shape[1])
        if words.shape[1] < self._texts.shape[1]:
            words = _padded(words, self._texts.shape[1])
        self._make_room(len(words))
        found = np.empty(len(words), np.int32)
        rows, slots = np.arange(len(words)), self._slots(words)
        while len(rows):
            there = self._table[slots]
            free = np.flatnonzero(there < 0)
            if len(free):
                won = self._won(slots[free])
                self._enter(slots[free][won], words[rows[free[won]]])
                there = self._table[slots]
            same = _equal(self._texts[there], words[rows])
            found[rows[same]] = there[same]
            rows, slots = rows[~same], (slots[~same] + 1) & (len(self._table) - 1)
        return found

    def texts(self) -> list[str]:
        """By their codes. Raises: UnicodeDecodeError, of what is no UTF-8."""
        kept = np.ascontiguousarray(self._texts[: self._count])
        flat: list[bytes] = kept.view(f"S{kept.shape[1] * _WORD}").ravel().tolist()
        return [text.decode() for text in flat]

    def _won(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """Of those who ask for the same free slot, one each."""
        self._table[slots] = np.arange(len(slots), dtype=np.int32)
        return np.flatnonzero(self._table[slots] == np.arange(len(slots)))

    def _enter(self, slots: NDArray[np.int64], words: Words) -> None:
        codes = np.arange(self._count, self._count + len(slots), dtype=np.int32)
        self._texts[codes] = words
        self._table[slots] = codes
        self._count += len(slots)

    def _make_room(self, more: int) -> None:
        """As if all of so many were new."""
        needed = self._count + more
        if needed > len(self._texts):
            grown = np.zeros((max(needed, 2 * len(self._texts)), self._texts.shape[1]), np.uint64)
            grown[: self._count] = self._texts[: self._count]
            self._texts = grown
        if 2 * needed > len(self._table):
            self._table = np.full(1 << (4 * needed - 1).bit_length(), -1, np.int32)
            codes, slots = np.arange(self._count), self._slots(self._texts[: self._count])
            while len(codes):
                free = np.flatnonzero(self._table[slots] < 0)
                won = free[self._won(slots[free])]
                self._table[slots[won]] = codes[won]
                left = np.ones(len(codes), np.bool_)
                left[won] = False
                codes, slots = codes[left], (slots[left] + 1) & (len(self._table) - 1)

    def _widen(self, width: int) -> None:
        if width > self._texts.shape[1]:
            self._texts = _padded(self._texts, width)

    def _slots(self, words: Words) -> NDArray[np.int64]:
        bits = np.uint64(64 - (len(self._table) - 1).bit_length())
        return (hashed(words) >> bits).astype(np.int64)


def hashed(words: Words) -> Words:
    """One number per row; words of zeros at the end change nothing."""
    total = np.zeros(len(words), np.uint64)
    with np.errstate(over="ignore"):
        for at, column in enumerate(words.T):
            mixed = (column ^ (column >> np.uint64(29))) * (_ODD + np.uint64(2 * at))
            total += mixed ^ (mixed >> np.uint64(32))
        return total * _ODD


@dataclass(frozen=True)
class ByteTexts:
    """Row r holds `content[starts[r]:starts[r] + lengths[r]]`; more than any of them is behind the last."""

    content: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, row: int) -> str:
        start = int(self.starts[row])
        return self.content[start : start + int(self.lengths[row])].tobytes().decode()

    @property
    def width(self) -> int:
        """bytes of the longest"""
        return int(self.lengths.max(initial=0))

    def words(self) -> Words:
        count = max(1, -(-self.width // _WORD))
        kind = np.dtype(f"V{count * _WORD}")
        windows = np.ndarray((len(self.content) - kind.itemsize + 1,), kind, self.content.data, strides=(1,))
        words = windows[self.starts].view("<u8").reshape(-1, count)
        shortest = int(self.lengths.min(initial=0))
        for at in range(shortest // _WORD, count):
            words[:, at] &= _MASKS[np.clip(self.lengths - at * _WORD, 0, _WORD)]
        return words

    def texts(self) -> list[str]:
        """Raises: UnicodeDecodeError, of what is no UTF-8."""
        content = self.content.tobytes()
        ends = (self.starts + self.lengths).tolist()
        return [content[a:b].decode() for a, b in zip(self.starts.tolist(), ends, strict=True)]

    def digits(self) -> NDArray[np.float64] | None:
        """As whole numbers; None, if any is empty, has more than 15 letters, or others than digits."""
        values = np.empty(len(self), np.float64)
        for length in np.unique(self.lengths).tolist():
            if not 0 < length <= MOST_DIGITS:
                return None
            rows = np.flatnonzero(self.lengths == length)
            digits = self.content[self.starts[rows][:, None] + np.arange(length)] - np.uint8(ord("0"))
            if (digits > 9).any():
                return None
            values[rows] = digits @ np.power(10.0, np.arange(length)[::-1])
        return values


MOST_DIGITS = 15
"""that a float64 has exactly"""
_MASKS = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], np.uint64)


def _padded(words: Words, width: int) -> Words:
    return np.pad(words, ((0, 0), (0, width - words.shape[1])))


def _equal(one: Words, other: Words) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = one[:, 0] == other[:, 0]
    for at in range(1, one.shape[1]):
        same &= one[:, at] == other[:, at]
    return same
