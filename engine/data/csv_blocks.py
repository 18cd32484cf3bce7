"""The plain part of a CSV file by blocks of whole lines, its cells as bytes where they are.

Plain is what has no quotes, backslashes or carriage returns but those before line feeds, no blank lines, and
as many cells in every line as the header, none of them too long for the csv module; it needs no parser.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from engine.ground.byte_texts import ByteTexts

BLOCK = 1 << 22
BEHIND = 1 << 10
"""bytes after a block's end that are there to be read, and mean nothing"""
_COMMA, _FEED = b",\n"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Block:
    """starts, ends: rows x cells, places in the content."""

    content: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def column(self, at: int) -> ByteTexts:
        starts = np.ascontiguousarray(self.starts[:, at])
        return ByteTexts(self.content, starts, self.ends[:, at] - starts)


class PlainLines:
    """Reads the header and then blocks, until the file ends or is plain no more.

    offset: of the first byte that was not read; lines: how many before it were.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.offset = self.lines = 0

    def header(self) -> list[str] | None:
        """Its cells; None, and nothing read, if it is not plain."""
        line = self._file.readline(BLOCK)
        text = _plain(line.removeprefix(_BOM))
        if text is None or not text.endswith(b"\n") or text == b"\n":
            return None
        self.offset, self.lines = len(line), 1
        return text.decode().removesuffix("\n").split(",")

    def blocks(self, cells: int) -> Iterator[Block]:
        """Of lines with so many cells each."""
        while whole := self._whole():
            content = _plain(whole)
            block = None if content is None else _cut(content, cells)
            if block is None:
                return
            self.offset += len(whole)
            self.lines += len(block)
            yield block

    def _whole(self) -> bytes:
        """The next lines, the last of which ends; none, if there are none that end."""
        self._file.seek(self.offset)
        content = self._file.read(BLOCK)
        return content[: content.rfind(b"\n") + 1]


def _plain(content: bytes) -> bytes | None:
    """With line feeds alone at the ends of lines; None, if it needs a parser or is no UTF-8."""
    if b'"' in content or b"\\" in content:
        return None
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n")
        if b"\r" in content:
            return None
    if not content.isascii():
        try:
            content.decode()
        except UnicodeDecodeError:
            return None
    return content


def _cut(content: bytes, cells: int) -> Block | None:
    """None, if a line is blank or has another number of cells, or one of them is too long."""
    letters = np.frombuffer(content + bytes(BEHIND), np.uint8)
    ends = np.flatnonzero((letters == _COMMA) | (letters == _FEED))
    if len(ends) % cells:
        return None
    rows = ends.reshape(-1, cells)
    kinds = letters[rows]
    if (kinds[:, -1] != _FEED).any() or (kinds[:, :-1] != _COMMA).any():
        return None
    starts = np.concatenate([[0], ends[:-1] + 1]).reshape(-1, cells)
    if (cells == 1 and (starts == rows).any()) or (rows - starts).max(initial=0) > csv.field_size_limit():
        return None
    return Block(letters, starts, rows)
