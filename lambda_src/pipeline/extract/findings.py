"""What is wrong with a dataset: counts per rule and column, and the first offending rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

SHOWN = 5


@dataclass(frozen=True, order=True)
class Offence:
    """One offending row: its line, and as much of the value as may be shown."""

    line: int
    shown: str = ""

    def __str__(self) -> str:
        return f"line {self.line}" + (f" ({self.shown})" if self.shown else "")


@dataclass
class Finding:
    """A broken rule in one column."""

    rule: str
    column: str
    count: int = 0
    first: list[Offence] = field(default_factory=list)

    def __str__(self) -> str:
        where = f"{self.rule} in {self.column}" if self.column else self.rule
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        return f"{where}: {rows}, first {', '.join(map(str, self.first))}"


class Findings:
    """All broken rules of a dataset so far."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Finding] = {}
        self._whole: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._found or self._whole)

    def add(self, rule: str, column: str, count: int, first: Iterable[Offence]) -> None:
        """Offences of later rows come in later calls."""
        finding = self._found.setdefault((rule, column), Finding(rule, column))
        finding.count += count
        for offence in first:
            if len(finding.first) >= SHOWN:
                break
            finding.first.append(offence)

    def room(self, rule: str, column: str) -> int:
        """How many more offending rows are worth describing."""
        finding = self._found.get((rule, column))
        return SHOWN - len(finding.first) if finding else SHOWN

    def add_whole(self, sentence: str) -> None:
        """A rule that the dataset breaks as a whole."""
        self._whole.append(sentence)

    @property
    def of_rows(self) -> list[Finding]:
        return list(self._found.values())

    def sentences(self) -> list[str]:
        return [*self._whole, *(str(finding) for finding in self._found.values())]


def shortened(value: str) -> str:
    """Enough of an id to find the row, too little to be one: at most four characters, at most half of it."""
    return value[: min(4, len(value) // 2)] + "…"
