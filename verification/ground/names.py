"""The id of a run, which every name of what it makes carries, and the only thing that deletion goes by."""

import re
import secrets
import string
from collections.abc import Callable

_LETTERS = string.ascii_lowercase + string.digits
_RUN = re.compile(r"v[a-z0-9]{6}")


class NoRunId(ValueError):
    """The text is not the id of a run."""


def new_run(choose: Callable[[str], str] = secrets.choice) -> str:
    """`v` and six letters or digits, at least one of them a digit: no word that somebody else uses."""
    while True:
        run = "v" + "".join(choose(_LETTERS) for _ in range(6))
        if any(letter.isdigit() for letter in run):
            return run


def checked(run: str) -> str:
    """Raises: NoRunId, if it is not one; names would otherwise be matched by accident."""
    if not _RUN.fullmatch(run) or not any(letter.isdigit() for letter in run):
        raise NoRunId(f"{run!r} is not the id of a run, which is v and six letters or digits, as v3k9x2a")
    return run


def carries(name: str, run: str) -> bool:
    """Whether the run's id is a word of the name, in capitals or not, as in `recs-v3k9x2a-serving`.

    Raises: NoRunId.
    """
    return re.search(rf"(?<![a-z0-9]){checked(run)}(?![a-z0-9])", name.lower()) is not None
