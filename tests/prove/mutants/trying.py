"""One mutation after the other in a copy of the checkout: do the tests that run its lines notice?"""

import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.prove.mutants.mutations import Mutation


class Fate(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"
    UNTESTED = "untested"
    ENDLESS = "endless"

    @property
    def noticed(self) -> bool:
        return self in (Fate.KILLED, Fate.ENDLESS)


@dataclass(frozen=True)
class Tried:
    mutation: Mutation
    fate: Fate
    tests: int


def tried(checkout: Path, mutation: Mutation, tests: frozenset[str], *, seconds: float) -> Tried:
    """Changes the file, runs the tests until one fails, puts the file back.

    seconds: after which a run that does not end counts as noticed, for a mutation can loop for ever.
    """
    if not tests:
        return Tried(mutation, Fate.UNTESTED, 0)
    path = checkout / mutation.path
    before = path.read_bytes()
    path.write_bytes(mutation.applied(before))
    try:
        fate = _fate(checkout, sorted(tests), seconds)
    finally:
        path.write_bytes(before)
    return Tried(mutation, fate, len(tests))


def _fate(checkout: Path, tests: list[str], seconds: float) -> Fate:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(checkout / ".hypothesis"),
    }
    try:
        done = subprocess.run(
            command, cwd=checkout, capture_output=True, check=False, timeout=seconds, env=environment
        )
    except subprocess.TimeoutExpired:
        return Fate.ENDLESS
    return Fate.SURVIVED if done.returncode == 0 else Fate.KILLED
