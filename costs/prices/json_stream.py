"""A JSON file read member by member: of the gigabytes of an offer file a few products are looked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import IO, Any

CHUNK = 1 << 20
MOST = 64 * CHUNK
"""Characters of one value that is read whole."""
_AFTER = frozenset(" \t\r\n,:}]")
"""What may come after a value."""


class BrokenJson(ValueError):
    """What is wrong, and at which character."""


class JsonStream:
    """An object of JSON. In memory is a chunk, and the value that is being read."""

    def __init__(
        self, file: IO[str], *, chunk: int = CHUNK, read: Callable[[int], None] = lambda _: None
    ) -> None:
        """chunk: characters that are read at once. read: is told how many have been, after each."""
        self._file, self._chunk, self._read = file, chunk, read
        self._buffer, self._at, self._before = "", 0, 0
        self._ended = self._open = False
        self._decoder = json.JSONDecoder()

    def members(self) -> Iterator[str]:
        """The keys of the object that comes next; each one's value is what `members` or `value` gives until
        the next key, and is passed over if neither is asked.

        Raises: BrokenJson.
        """
        self._open = False
        self._expect("{")
        if self._next() == "}":
            self._at += 1
            return
        while True:
            if self._next() != '"':
                raise self._broken("a key was expected")
            key = str(self.value())
            self._expect(":")
            self._open = True
            yield key
            if self._open:
                self._pass_over()
            if self._next() == "}":
                self._at += 1
                return
            self._expect(",")

    def value(self) -> Any:
        """What comes next, whole. Raises: BrokenJson."""
        self._open = False
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._ended or len(self._buffer) - self._at > MOST:
                    raise self._broken(error.msg) from error
            else:
                # Where the chunk ends a number may go on: 1 is one, and so are 1.5 and 1e3.
                if self._buffer[end : end + 1] in _AFTER or self._ended:
                    self._at = end
                    return value
                if len(self._buffer) - end > MOST:
                    raise self._broken(f"{self._buffer[end]} stands after a value")
            self._fill()

    def end(self) -> None:
        """Raises: BrokenJson, if anything comes after the object."""
        while not self._ended or self._at < len(self._buffer):
            if self._buffer[self._at :].strip():
                raise self._broken("something follows its end")
            self._at = len(self._buffer)
            self._fill()

    def _pass_over(self) -> None:
        if self._next() == "{":
            for _ in self.members():
                self.value()
        else:
            self.value()

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise self._broken(f"{character} was expected")
        self._at += 1

    def _next(self) -> str:
        """The next character that is no white space."""
        while True:
            while self._at < len(self._buffer):
                if not self._buffer[self._at].isspace():
                    return self._buffer[self._at]
                self._at += 1
            if self._ended:
                raise self._broken("it ends in the middle: a part of it is missing")
            self._fill()

    def _fill(self) -> None:
        more = self._file.read(self._chunk)
        self._before += self._at
        self._buffer, self._at = self._buffer[self._at :] + more, 0
        self._ended = not more
        self._read(self._before + len(self._buffer))

    def _broken(self, why: str) -> BrokenJson:
        if self._ended and self._at < len(self._buffer):
            why = f"it ends in the middle, or is no JSON: {why}"
        return BrokenJson(f"character {self._before + self._at + 1:,}: {why}")
