"""Which tests run a line: from one run of each, with the name of the test beside every line it ran."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from tests.prove.mutants import contexts

_SOME_FAILED = 1
_SETTINGS = """\
[run]
data_file = {data}
relative_files = True
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


def tests_by_line(
    checkout: Path, source: Sequence[str], tests: Sequence[str], kept: Path, has_time: Callable[[], bool]
) -> Tests | None:
    """Runs each folder of tests once, unless its coverage is kept already; some may fail for being watched.

    kept: a folder, with a file of coverage for each of `tests`. None: the time is up, and some were not run.
    Raises: RuntimeError, if they cannot be run.
    """
    found: dict[tuple[str, int], frozenset[str]] = {}
    for folder in tests:
        data = kept / f"{folder.strip('/').replace('/', '.')}.coverage"
        if not data.exists():
            if not has_time():
                return None
            _measure(checkout, source, folder, data)
        read = CoverageData(basename=str(data))
        read.read()
        for path in read.measured_files():
            for line, ran in read.contexts_by_lineno(path).items():
                found[path, line] = found.get((path, line), frozenset()).union(filter(None, ran))
    return Tests(found)


def _measure(checkout: Path, source: Sequence[str], tests: str, data: Path) -> None:
    """`data` is written last and as a whole: what was broken off is measured again."""
    unfinished, settings = checkout / ".coverage-mutants", checkout / ".coveragerc-mutants"
    unfinished.unlink(missing_ok=True)
    settings.write_text(_SETTINGS.format(data=unfinished, source=",".join(source)))
    command = [sys.executable, "-m", "coverage", "run", "--rcfile", str(settings), "-m", "pytest"]
    done = subprocess.run(
        [*command, "-q", "-p", "no:cacheprovider", "-p", contexts.__name__, tests],
        cwd=checkout,
        check=False,
        env={
            **os.environ,
            "HYPOTHESIS_STORAGE_DIRECTORY": str(checkout / ".hypothesis"),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(checkout), os.environ.get("PYTHONPATH")))),
        },
    )
    if done.returncode not in (0, _SOME_FAILED):
        raise RuntimeError(f"pytest {tests} ended with {done.returncode}")
    data.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(unfinished, data)
