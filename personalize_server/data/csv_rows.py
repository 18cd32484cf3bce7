"""Personalize's CSV dialect in blocks of columns: a record a line, quotes escaped by a backslash."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from personalize_server.facts.failures import JobFailed

_COMMA, _NEWLINE = ord(","), ord("\n")


def lines_of(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks that end with whole lines; carriage returns before newlines are dropped."""
    rest = b""
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if not cut:
            rest += block
            continue
        yield _without_returns(rest + block[:cut])
        rest = block[cut:]
    if rest:
        yield _without_returns(rest + b"\n")


def header_of(line: bytes) -> list[str]:
    """Column names of the first line, which may start with a byte order mark.

    Raises: JobFailed, if it is no UTF-8 or a name is quoted.
    """
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise JobFailed("The first line of the input CSV is not UTF-8.") from None
    names = text.rstrip("\r\n").split(",")
    quoted = [name for name in names if name.startswith('"')]
    if quoted:
        raise JobFailed(f"Column names in the header must not be quoted: {', '.join(quoted)}")
    return [name.strip() for name in names]


def columns_of(block: bytes, width: int, first_line: int) -> tuple[list[list[str]], Sequence[int]]:
    """The cells of a block of whole lines, column by column, and the line number of each row.

    `first_line` numbers the block's first line; empty lines are no rows.
    Raises: JobFailed, also for a line that is no UTF-8.
    """
    try:
        text = block.decode()
    except UnicodeDecodeError as problem:
        at = first_line + block.count(b"\n", 0, problem.start)
        raise JobFailed(f"Line {at} of the input CSV is not UTF-8.") from None
    if b'"' in block or b"\n\n" in block or block.startswith(b"\n"):
        return _careful(text, width, first_line)
    rows = _check_widths(block, width, first_line)
    cells = text.replace("\n", ",").split(",")
    cells.pop()
    return [cells[column::width] for column in range(width)], range(first_line, first_line + rows)


def _check_widths(block: bytes, width: int, first_line: int) -> int:
    """The number of lines."""
    characters = np.frombuffer(block, np.uint8)
    commas = np.cumsum(characters == _COMMA)[characters == _NEWLINE]
    per_line = np.diff(commas, prepend=0)
    wrong = np.flatnonzero(per_line != width - 1)
    if len(wrong):
        raise _wrong_width(first_line + int(wrong[0]), int(per_line[wrong[0]]) + 1, width)
    return len(per_line)


def _careful(text: str, width: int, first_line: int) -> tuple[list[list[str]], Sequence[int]]:
    rows, numbers = [], []
    for number, line in enumerate(text.split("\n")[:-1], first_line):
        if not line:
            continue
        row = split_line(line, number) if '"' in line else line.split(",")
        if len(row) != width:
            raise _wrong_width(number, len(row), width)
        rows.append(row)
        numbers.append(number)
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
    return columns, numbers


def split_line(line: str, number: int) -> list[str]:
    """The cells of one line. A backslash escapes inside quotes only, where it stands before `"` or itself."""
    cells = []
    at = 0
    while True:
        if line.startswith('"', at):
            cell, at = _quoted(line, at + 1, number)
        else:
            end = line.find(",", at)
            end = len(line) if end < 0 else end
            cell, at = line[at:end], end
        cells.append(cell)
        if at >= len(line):
            return cells
        at += 1


def _quoted(line: str, at: int, number: int) -> tuple[str, int]:
    parts = []
    while True:
        end = line.find('"', at)
        if end < 0:
            raise JobFailed(
                f"Line {number} of the input CSV has a quoted value without an end; "
                "line breaks inside values are not allowed."
            )
        escape = line.find("\\", at, end)
        if escape < 0:
            parts.append(line[at:end])
            break
        kept = line[escape + 1] if line[escape + 1] in '"\\' else line[escape : escape + 2]
        parts.append(line[at:escape] + kept)
        at = escape + 2
    if end + 1 < len(line) and line[end + 1] != ",":
        raise JobFailed(
            f"Line {number} of the input CSV has text after a quoted value; "
            "a quote inside a quoted value must be escaped with a backslash."
        )
    return "".join(parts), end + 1


def _wrong_width(line: int, found: int, width: int) -> JobFailed:
    return JobFailed(f"Line {line} of the input CSV has {found} values; the header has {width} columns.")


def _without_returns(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n") if b"\r\n" in block else block
