"""Which tests run a line: from one run of them all, with the name of the test beside every line it ran."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from tests.prove.mutants import contexts

_SOME_FAILED = 1
_SETTINGS = """\
[run]
data_file = {data}
source = {source}
"""


@dataclass(frozen=True)
class Tests:
    """By file (relative to the checkout) and line, the tests as pytest selects them."""

    by_line: Mapping[tuple[str, int], frozenset[str]]

    def of(self, path: Path, first: int, last: int) -> frozenset[str]:
        """Those that run any of the lines; of lines that only an import runs, those of the whole file."""
        of_lines = self._of(path, range(first, last + 1))
        return of_lines or self._of(path, [line for name, line in self.by_line if name == str(path)])

    def _of(self, path: Path, lines: Iterable[int]) -> frozenset[str]:
        return frozenset().union(*(self.by_line.get((str(path), line), frozenset()) for line in lines))


def tests_by_line(checkout: Path, source: tuple[str, ...], tests: tuple[str, ...]) -> Tests:
    """Runs them once; some may fail for being watched. Raises: RuntimeError, if they cannot be run."""
    data, settings = checkout / ".coverage-mutants", checkout / ".coveragerc-mutants"
    settings.write_text(_SETTINGS.format(data=data, source=",".join(source)))
    command = [sys.executable, "-m", "coverage", "run", "--rcfile", str(settings), "-m", "pytest"]
    done = subprocess.run(
        [*command, "-q", "-p", "no:cacheprovider", "-p", contexts.__name__, *tests],
        cwd=checkout,
        check=False,
        env={
            **os.environ,
            "HYPOTHESIS_STORAGE_DIRECTORY": str(checkout / ".hypothesis"),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(checkout), os.environ.get("PYTHONPATH")))),
        },
    )
    if done.returncode not in (0, _SOME_FAILED):
        raise RuntimeError(f"pytest ended with {done.returncode}")
    read = CoverageData(basename=str(data))
    read.read()
    found: dict[tuple[str, int], frozenset[str]] = {}
    for measured in read.measured_files():
        path = str(Path(measured).relative_to(checkout))
        for line, ran in read.contexts_by_lineno(measured).items():
            found[path, line] = frozenset(filter(None, ran))
    return Tests(found)
