"""The figures of several processes as one: each leaves its own in a file; whoever is asked adds them up."""

import json
from pathlib import Path

from personalize_server.server.metrics import RequestMetrics

_PATTERN = "*.json"


class SharedMetrics:
    """Of the process with this number; one that replaces another counts on from where that was."""

    def __init__(self, folder: Path, number: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._file = folder / f"{number}.json"
        self._written = ""
        self.own = RequestMetrics()
        _add(self.own, self._file)

    def write(self) -> None:
        """To be called about every second."""
        text = json.dumps(self.own.snapshot())
        if text != self._written:
            scratch = self._file.with_suffix(".part")
            scratch.write_text(text)
            scratch.replace(self._file)
            self._written = text

    def whole(self) -> RequestMetrics:
        """All processes' figures as they left them, up to a second old.

        Also its own: so whoever is asked after another process does not tell less than that one.
        """
        total = RequestMetrics()
        for file in self._folder.glob(_PATTERN):
            _add(total, file)
        return total


def _add(total: RequestMetrics, file: Path) -> None:
    """Nothing, of a file that is not there or damaged: its figures begin anew."""
    try:
        figures = json.loads(file.read_text())
        total.add(figures)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return


def forget(folder: Path) -> None:
    """When a server starts, it counts from nothing."""
    for file in folder.glob(_PATTERN) if folder.exists() else ():
        file.unlink()
