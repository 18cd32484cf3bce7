"""What an expression may hold and compute, so that none takes the server with it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from jsonata.jexception import JException

# The documentation allows a second; Python on a busy machine is given more.
_MOST_SECONDS = 10.0
# Measured on AWS: five kinds of nesting, each allowed up to 99 to 101 levels.
_MOST_LEVELS = 100
# Measured on AWS: a sequence of 873,782 numbers is allowed and one more is not, a text of 2^22 characters is
# and one of 2^23 is not.
_MOST_BYTES = 873_782 * 8
_MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage"


class LimitExceeded(Exception):
    """An expression holds more than Step Functions allows."""


@dataclass
class _Used:
    deadline: float
    levels: int = 0


# Not set where the library is used without bounds.
_used: ContextVar[_Used | None] = ContextVar("_used")


@contextmanager
def bounded() -> Iterator[None]:
    """One evaluation."""
    token = _used.set(_Used(time.monotonic() + _MOST_SECONDS))
    try:
        yield
    finally:
        _used.reset(token)


class Level:
    """One level of an expression in another; a plain class, as it is entered for every part of it.

    Raises: JException, D1011 if they are too many; D1012, if the evaluation takes too long.
    """

    def __enter__(self) -> None:
        used = self._used = _used.get(None)
        if used is None:
            return
        used.levels += 1
        if used.levels > _MOST_LEVELS:
            raise JException("D1011", -1)
        if time.monotonic() > used.deadline:
            raise JException("D1012", -1, int(_MOST_SECONDS * 1000))

    def __exit__(self, *_: object) -> None:
        if self._used is not None:
            self._used.levels -= 1


def hold(size: int) -> None:
    """Raises: LimitExceeded, if `size`, in bytes, is more than an expression may hold."""
    if size > _MOST_BYTES:
        raise LimitExceeded(_MEMORY)
