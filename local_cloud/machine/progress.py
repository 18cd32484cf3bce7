"""Lines that say what is going on, each with the seconds since the command began."""

import os
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
        self.show(f"{self.seconds:6.1f} s  {text}")

    def show(self, text: str) -> None:
        """Text without the seconds. That nobody reads any more is no reason to give up the work."""
        try:
            self._output.write(f"{text}\n")
            self._output.flush()
        except BrokenPipeError:
            silence(self._output)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Says the text when the block ends well, with the time that it took."""
        begin = time.monotonic()
        yield
        self.say(f"{text} ({time.monotonic() - begin:.1f} s)")


def silence(output: TextIO) -> None:
    """What is written from now on, and what was not yet, goes nowhere: its reader has gone away."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, output.fileno())
    finally:
        os.close(nowhere)
