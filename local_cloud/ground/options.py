"""What the command line's options must be; an argument that is not ends the command with what it must be."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import TypeVar

from local_cloud.ground.settings import Rights

_LAST_PORT = 65_535
_Number = TypeVar("_Number", int, float)


def port(ports: int = 1) -> Callable[[str], int]:
    """The first of so many ports in a row."""
    last = _LAST_PORT - ports + 1

    def read(text: str) -> int:
        number = _number(int, text)
        if number is None or not 1 <= number <= last:
            row = f", the first of {ports} ports in a row" if ports > 1 else ""
            raise ArgumentTypeError(f"must be a whole number from 1 to {last}{row}, got {text!r}")
        return number

    return read


def time_scale(text: str) -> float:
    """A number above 0. Raises: ArgumentTypeError, for anything else."""
    number = _number(float, text)
    if number is None or not 0 < number < inf:
        raise ArgumentTypeError(f"must be a number above 0, got {text!r}")
    return number


def seconds(text: str) -> float:
    """A number of at least 0. Raises: ArgumentTypeError, for anything else."""
    number = _number(float, text)
    if number is None or not 0 <= number < inf:
        raise ArgumentTypeError(f"must be a number of seconds of at least 0, got {text!r}")
    return number


def positive(text: str) -> int:
    """A whole number of at least 1. Raises: ArgumentTypeError, for anything else."""
    number = _number(int, text)
    if number is None or number < 1:
        raise ArgumentTypeError(f"must be a whole number of at least 1, got {text!r}")
    return number


def seed(text: str) -> int:
    """A whole number of at least 0. Raises: ArgumentTypeError, for anything else."""
    number = _number(int, text)
    if number is None or number < 0:
        raise ArgumentTypeError(f"must be a whole number of at least 0, got {text!r}")
    return number


def rights(text: str) -> Rights:
    """Raises: ArgumentTypeError, if it is none of the ways."""
    try:
        return Rights(text)
    except ValueError:
        ways = ", ".join(each.value for each in Rights)
        raise ArgumentTypeError(f"must be one of {ways}, got {text!r}") from None


def folder(text: str) -> Path:
    """One that is there, or can be made. Raises: ArgumentTypeError, if a file is in the way."""
    path = Path(text)
    nearest = next((each for each in (path, *path.absolute().parents) if each.exists()), path)
    if not nearest.is_dir():
        raise ArgumentTypeError(f"must be a folder, and {nearest} is a file")
    return path


def _number(kind: Callable[[str], _Number], text: str) -> _Number | None:
    try:
        return kind(text)
    except ValueError:
        return None
