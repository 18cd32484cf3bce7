"""Trials of a search that are done, on disk, so that a search that was interrupted goes on after them."""

import hashlib
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class TrialLog:
    """One line per trial, appended and synced; what another search, or one on other data, left is not taken.

    search: names the search and its data.
    """

    def __init__(self, path: Path | None = None, search: str = "") -> None:
        self._path = path
        self._search = search
        self._lock = threading.Lock()
        self._done = dict(self._read())

    def known(self, values: Mapping[str, str]) -> float | None:
        return self._done.get(_key(values))

    def remember(self, values: Mapping[str, str], quality: float) -> None:
        if self._path is None:
            return
        entry = {"search": self._search, "values": dict(values), "quality": quality}
        line = json.dumps({**entry, "sum": _sum(entry)}) + "\n"
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}")  # not behind a line that was cut off
                file.flush()
                os.fsync(file.fileno())

    def _read(self) -> list[tuple[str, float]]:
        """Without lines that were cut off or damaged."""
        if self._path is None or not self._path.exists():
            return []
        found = []
        for line in self._path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
                whole = entry.pop("sum") == _sum(entry)
            except (ValueError, LookupError, AttributeError, TypeError):
                continue
            if whole and entry["search"] == self._search:
                found.append((_key(entry["values"]), float(entry["quality"])))
        return found


def _sum(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()


def _key(values: Mapping[str, str]) -> str:
    return json.dumps(dict(values), sort_keys=True)
