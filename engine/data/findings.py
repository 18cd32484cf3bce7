"""What is wrong with a file: every rule that it breaks, how often, and where first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from engine.ground.errors import DataError

SHOWN = 3
LETTERS = 40


@dataclass
class _Finding:
    what: str
    advice: str
    count: int = 0
    first: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        more = f" and {self.count - len(self.first):,} more" if self.count > len(self.first) else ""
        return f"{self.what} in {', '.join(self.first)}{more}" + (f" ({self.advice})" if self.advice else "")


class Findings:
    """Notes what is wrong while a file is read, and refuses the file with all of it."""

    def __init__(self, path: Path, place: Callable[[int], str]) -> None:
        """place: where a row is, in words, by its number from 0."""
        self.path, self.place = path, place
        self._found: dict[str, _Finding] = {}

    def add(
        self,
        what: str,
        rows: Sequence[int],
        show: Callable[[int], object] | None = None,
        *,
        advice: str = "",
    ) -> None:
        """A rule that these rows break; show: a row's value. Later rows come in later calls."""
        places = (
            self.place(row) + ("" if show is None else f" ({shortened(show(row))})") for row in map(int, rows)
        )
        self.add_places(what, len(rows), places, advice=advice)

    def add_places(self, what: str, count: int, places: Iterable[str], *, advice: str = "") -> None:
        """The same of so many places that are no rows; only the first of them are looked at."""
        if count:
            finding = self._found.setdefault(what, _Finding(what, advice))
            finding.count += count
            finding.first += islice(places, SHOWN - len(finding.first))

    def refuse(self) -> None:
        """Raises: DataError, if anything was found."""
        if self._found:
            raise DataError(f"{self.path}: {'; '.join(map(str, self._found.values()))}")


def shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LETTERS else f"{text[:LETTERS]}…"
