"""One mutation after the other in a copy of the checkout: do the tests that run its lines notice?"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

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


_PYTEST = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist")


class Checkout:
    """A copy that may be changed, with a process beside it that runs pytest there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        environment = {
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / ".hypothesis"),
        }
        self._warm = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._warm.communicate()

    def check(self, tests: frozenset[str], *, seconds: float) -> None:
        """Raises: RuntimeError, if they fail without a mutation: then they would with any."""
        if tests and (code := self._code_of((*_PYTEST, *sorted(tests)), seconds)):
            raise RuntimeError(
                f"pytest ended with {code} before anything was changed: {', '.join(sorted(tests))}"
            )

    def tried(self, mutation: Mutation, tests: frozenset[str], *, seconds: float) -> Tried:
        """Changes the file, runs the tests until one fails, puts the file back.

        seconds: after which a run that does not end counts as noticed, for a mutation can loop for ever.
        """
        if not tests:
            return Tried(mutation, Fate.UNTESTED, 0)
        path = self._folder / mutation.path
        before = path.read_bytes()
        path.write_bytes(mutation.applied(before))
        try:
            code = self._code_of((*_PYTEST, *sorted(tests)), seconds)
        finally:
            path.write_bytes(before)
        fate = Fate.ENDLESS if code is None else Fate.SURVIVED if code == 0 else Fate.KILLED
        return Tried(mutation, fate, len(tests))

    def _code_of(self, arguments: tuple[str, ...], seconds: float) -> int | None:
        """pytest's exit code; None, if it did not end. Raises: RuntimeError, if its process is gone."""
        assert self._warm.stdin and self._warm.stdout
        self._warm.stdin.write(json.dumps({"arguments": arguments, "seconds": seconds}) + "\n")
        self._warm.stdin.flush()
        answer = self._warm.stdout.readline()
        if not answer:
            raise RuntimeError("the process that runs pytest is gone")
        code: int | None = json.loads(answer)
        return code
