r"""Amazon Personalize's CSV dialect as what Python's csv module reads: doubled quotes and no escapes.

Inside quotes a backslash escapes `"` and itself and a doubled quote is one; everywhere else both are as any
other letter. Lines end with LF or CR LF.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.ground.errors import DataError

_BLOCK = 1 << 20
_INSIDE = re.compile(r'\\["\\]|""|"')
_PLAIN = {'\\"': '""', "\\\\": "\\"}
_LONE_RETURN = re.compile(rb"\r(?!\n)")


def is_plain(path: Path) -> bool:
    """Whether the csv module reads the bytes of this file as they are meant.

    Raises: DataError, for a NUL, which no text has and many tools end texts with.
    """
    plain, lines, last = True, 0, b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\0" in block:
                line = lines + block.count(b"\n", 0, block.index(b"\0")) + 1
                raise DataError(f"{path}: not UTF-8 text: a NUL character in line {line}")
            lines += block.count(b"\n")
            lone = last == b"\r" and not block.startswith(b"\n")
            plain = plain and not lone and b"\\" not in block
            plain = plain and not (b"\r" in block and _LONE_RETURN.search(block[:-1]))
            last = block[-1:]
    return plain and last != b"\r"


def plain_lines(path: Path, lines: Iterable[str], before: int = 0) -> Iterator[str]:
    """The lines, split at every CR, LF and CR LF, in the csv module's words; before: lines before them.

    Raises: DataError, for a carriage return outside quotes that ends no line.
    """
    inside = False
    for number, line in enumerate(lines, before + 1):
        plain = line
        if inside or '"' in line:
            plain, inside = _plain(line, inside)
        if not inside and line.endswith("\r"):
            raise DataError(
                f"{path}: a carriage return without a line feed in line {number}; "
                "end lines with LF or CR LF, and quote values that have line breaks"
            )
        yield plain


def quoted(text: str) -> str:
    """A cell in this dialect."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' if set(text) & set(',"\\\n\r') else text


def undecodable(path: Path) -> int:
    """The number of the first line that is not UTF-8."""
    with path.open("rb") as file:
        return next(number for number, line in enumerate(file, 1) if not _decodes(line))


def _decodes(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _plain(line: str, inside: bool) -> tuple[str, bool]:
    parts: list[str] = []
    at = 0
    while at < len(line):
        if not inside:
            inside = line[at] == '"'
            end = at + 1 if inside else line.find(",", at) + 1 or len(line)
            parts.append(line[at:end])
            at = end
        elif found := _INSIDE.search(line, at):
            parts += (line[at : found.start()], _PLAIN.get(found.group(), found.group()))
            at = found.end()
            inside = found.group() != '"'
        else:
            parts.append(line[at:])
            break
    return "".join(parts), inside
