"""Lines that say what is going on, each with the seconds since the command began."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Safe to use from several threads: every line is written in one piece."""

    def __init__(self, output: TextIO | None = None) -> None:
        self._output = output or sys.stdout
        self._begin = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begin

    def say(self, text: str) -> None:
        self._output.write(f"{self.seconds:6.1f} s  {text}\n")
        self._output.flush()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Says the text when the block ends well, with the time that it took."""
        begin = time.monotonic()
        yield
        self.say(f"{text} ({time.monotonic() - begin:.1f} s)")
