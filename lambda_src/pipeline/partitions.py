"""Users and the items they have already, grouped by user in memory that does not grow with the rows."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any


class Partitions:
    """Temporary files by a hash of the user, so that each holds few users, and each user lies in one.

    Write first (as a context), then read `users`; users and items come back in the order they were added.
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
        number = zlib.crc32(user.encode()) % len(self._writers)
        self._writers[number].writerow((user, item, "1" if counts else ""))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def users(self) -> Iterator[tuple[str, list[str]]]:
        """Every user of the audience once, with the items that the user has; files are removed when read."""
        for path in self._paths:
            own: dict[str, list[str]] = {}
            audience: set[str] = set()
            with path.open(encoding="utf-8", newline="") as file:
                for user, item, counts in csv.reader(file):
                    items = own.setdefault(user, [])
                    if item:
                        items.append(item)
                    if counts:
                        audience.add(user)
            path.unlink()
            for user, items in own.items():
                if user in audience:
                    yield user, list(dict.fromkeys(items))
