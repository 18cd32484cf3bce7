"""Users and the items they have already, grouped by user in memory that does not grow with the rows."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple


class Member(NamedTuple):
    """items: that the user has, each once. notes: of items, as they were made."""

    user: str
    items: list[str]
    notes: list[tuple[str, str]]


class Partitions:
    """Temporary files by a hash of the user, so that each holds few users, and each user lies in one.

    Write first (as a context), then read `users`; all comes back in the order in which it was added.
    """

    def __init__(self, folder: Path, count: int) -> None:
        self._paths = [folder / f"partition-{number:03d}.csv" for number in range(count)]
        self._files = ExitStack()

    def __enter__(self) -> Partitions:
        opened = [
            self._files.enter_context(path.open("w", encoding="utf-8", newline="")) for path in self._paths
        ]
        self._writers: list[Any] = [csv.writer(file) for file in opened]
        return self

    def add(self, user: str, item: str, *, counts: bool) -> None:
        """`item`: what the user has by this row, or nothing; `counts`: it puts the user into the audience."""
        self._write(user, item, "1" if counts else "", "")

    def note(self, user: str, item: str, note: str) -> None:
        """Something of a user and an item that makes nobody a part of the audience."""
        self._write(user, item, "", note)

    def _write(self, *row: str) -> None:
        self._writers[zlib.crc32(row[0].encode()) % len(self._writers)].writerow(row)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def users(self) -> Iterator[Member]:
        """Every user of the audience once; files are removed when read."""
        for path in self._paths:
            own: dict[str, list[str]] = {}
            notes: dict[str, list[tuple[str, str]]] = {}
            audience: set[str] = set()
            with path.open(encoding="utf-8", newline="") as file:
                for user, item, counts, note in csv.reader(file):
                    if note:
                        notes.setdefault(user, []).append((item, note))
                        continue
                    items = own.setdefault(user, [])
                    if item:
                        items.append(item)
                    if counts:
                        audience.add(user)
            path.unlink()
            for user, items in own.items():
                if user in audience:
                    yield Member(user, list(dict.fromkeys(items)), notes.get(user, []))
