"""A stream of CSV text cut into blocks of whole rows, and each block into its values' positions.

The dialect is the one PostgreSQL writes with `FORMAT csv, ESCAPE '\\'`: values with commas, quotes or line
breaks are quoted, and inside quotes a backslash stands before quotes and backslashes. A doubled quote inside
quotes is read as one, as other writers have it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pipeline.extract.words import PADDING, Mask, Positions, Words, words_of

_COMMA, _QUOTE, _BACKSLASH, _BREAK, _RETURN = b',"\\\n\r'
_PAD = b" " * PADDING
_ESCAPED = re.compile(rb'\\(["\\])|""')


@dataclass
class Block:
    """Rows of one block; `starts` and `ends` are (columns x rows), quotes included, offsets into `text`."""

    text: bytes
    words: Words
    starts: Positions
    ends: Positions
    first_line: int
    row_starts: Positions
    line_breaks: Positions
    """Where a line break (or carriage return) stands inside quotes."""
    loose_backslashes: Positions
    """Where a backslash stands outside quotes."""
    misplaced_quotes: Positions
    """Where a quote opens a value that has begun, or closes one that goes on."""
    quoted: bool
    misshapen: list[tuple[int, int, str]] = field(default_factory=list)
    """(line, columns found, text) of rows with the wrong number of columns; they are not in `starts`."""

    @property
    def rows(self) -> int:
        return self.row_starts.size

    def line(self, row: int) -> int:
        """The physical line on which a row starts."""
        return self.line_at(int(self.row_starts[row]))

    def line_at(self, position: int) -> int:
        return self.first_line + self.text.count(b"\n", PADDING, position)

    def lines(self) -> Positions:
        """The line of every row."""
        breaks = np.flatnonzero(np.frombuffer(self.text, np.uint8) == _BREAK)
        return self.first_line + np.searchsorted(breaks, self.row_starts)

    def raw(self, column: int, row: int) -> bytes:
        return self.text[self.starts[column, row] : self.ends[column, row]]

    def value(self, column: int, row: int) -> str:
        """The value as a reader of the CSV sees it."""
        return unquoted(self.raw(column, row)).decode(errors="replace")

    def owners(self, positions: Positions) -> tuple[Positions, Positions]:
        """The (column, row) of the values at these positions; row -1 for misshapen rows."""
        rows = np.searchsorted(self.row_starts, positions, side="right") - 1
        inside = (rows >= 0) & (positions < self.ends[-1, rows]) if self.rows else np.zeros(rows.shape, bool)
        columns = (self.starts[:, rows] <= positions).sum(axis=0) - 1 if self.rows else rows
        return columns, np.where(inside, rows, -1)


def unquoted(raw: bytes) -> bytes:
    if not raw.startswith(b'"'):
        return raw
    return _ESCAPED.sub(lambda found: found[1] or b'"', raw[1:-1])


class Splitter:
    """Cuts what it is fed into blocks; keeps the last, unfinished row for the next block."""

    def __init__(self, columns: int, *, first_line: int) -> None:
        self._columns = columns
        self._line = first_line
        self._rest = b""

    @property
    def rest(self) -> bytes:
        """What came after the last whole row."""
        return self._rest

    @property
    def line(self) -> int:
        """The line on which the rest starts."""
        return self._line

    def split(self, *chunks: bytes | bytearray) -> Block | None:
        """The whole rows of the rest and the chunks, or None when there is none yet."""
        text = b"".join((_PAD, self._rest, *chunks, _PAD))
        size = len(text) - 2 * PADDING
        body = np.frombuffer(text, dtype=np.uint8, count=size, offset=PADDING)
        breaks = body == _BREAK
        separators = np.flatnonzero(breaks | (body == _COMMA)) + PADDING
        quotes = _structural_quotes(text, body)
        inner_breaks = np.empty(0, np.int64)
        if quotes.size:
            inside = (np.searchsorted(quotes, separators) & 1).astype(bool)
            candidates = separators[inside]
            inner_breaks = candidates[breaks[candidates - PADDING]]
            separators = separators[~inside]
        row_ends = np.flatnonzero(breaks[separators - PADDING])
        if not row_ends.size:
            self._rest = text[PADDING : PADDING + size]
            return None
        separators = separators[: row_ends[-1] + 1]
        end = int(separators[-1]) + 1
        self._rest = text[end : PADDING + size]
        inner_breaks = inner_breaks[inner_breaks < end]
        block = self._block(text, separators, row_ends, quotes, inner_breaks, end)
        self._line += row_ends.size + inner_breaks.size
        return block

    def _block(
        self,
        text: bytes,
        separators: Positions,
        row_ends: Positions,
        quotes: Positions,
        inner_breaks: Positions,
        end: int,
    ) -> Block:
        found = np.diff(row_ends, prepend=-1)
        row_starts = np.concatenate(([PADDING], separators[row_ends[:-1]] + 1))
        whole = found == self._columns
        misshapen: list[tuple[int, int, str]] = []
        if not whole.all():
            wrong = np.flatnonzero(~whole)
            misshapen = [
                (
                    self._line + text.count(b"\n", PADDING, int(row_starts[row])),
                    int(found[row]),
                    text[row_starts[row] : separators[row_ends[row]]].decode(errors="replace"),
                )
                for row in wrong
            ]
            separators = separators[np.repeat(whole, found)]
            row_starts = row_starts[whole]
        ends = np.ascontiguousarray(separators.reshape(-1, self._columns).T)
        starts = np.empty_like(ends)
        starts[0] = row_starts
        starts[1:] = ends[:-1] + 1
        return Block(
            text=text,
            words=words_of(text),
            starts=starts,
            ends=ends,
            first_line=self._line,
            row_starts=row_starts,
            line_breaks=np.concatenate((inner_breaks, _returns(text, end))),
            loose_backslashes=_loose_backslashes(text, quotes, end),
            misplaced_quotes=_misplaced(text, quotes, end),
            quoted=bool(quotes.size),
            misshapen=misshapen,
        )


def _positions(text: bytes, byte: int, end: int) -> Positions:
    if text.find(byte, PADDING, end) < 0:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.frombuffer(text, np.uint8, end - PADDING, PADDING) == byte) + PADDING


def _structural_quotes(text: bytes, body: npt.NDArray[np.uint8]) -> Positions:
    """Where quotes open or close a value: all that no odd run of backslashes precedes."""
    quotes = _positions(text, _QUOTE, len(text))
    if not quotes.size or text.find(_BACKSLASH) < 0:
        return quotes
    suspects = np.flatnonzero(body[quotes - 1 - PADDING] == _BACKSLASH)
    escaped = [suspect for suspect in suspects if _is_escaped(text, int(quotes[suspect]))]
    return np.delete(quotes, escaped)


def _is_escaped(text: bytes, position: int) -> bool:
    before = position
    while text[before - 1] == _BACKSLASH:
        before -= 1
    return (position - before) % 2 == 1


def _returns(text: bytes, end: int) -> Positions:
    return _positions(text, _RETURN, end)


def _loose_backslashes(text: bytes, quotes: Positions, end: int) -> Positions:
    backslashes = _positions(text, _BACKSLASH, end)
    if not backslashes.size:
        return backslashes
    inside: Mask = (np.searchsorted(quotes, backslashes) & 1).astype(bool)
    return backslashes[~inside]


def _misplaced(text: bytes, quotes: Positions, end: int) -> Positions:
    """Quotes in turn open and close; only a second one of a doubled quote opens where another closed."""
    if not quotes.size:
        return quotes
    characters = np.frombuffer(text, np.uint8)
    opening, closing = quotes[::2], quotes[1::2]
    before, after = characters[opening - 1], characters[closing + 1]
    opens = np.isin(before, (_COMMA, _BREAK)) | (opening == PADDING)
    opens[1:] |= opening[1:] == closing[: opening.size - 1] + 1
    closes = np.isin(after, (_COMMA, _BREAK, _RETURN, _QUOTE))
    wrong = np.concatenate((opening[~opens], closing[~closes]))
    return wrong[wrong < end]
