"""What is wrong with a dataset: counts per rule and column, and the first offending rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.extract.remedies import remedy_of

SHOWN = 5
"""Rows of a finding that messages name."""
KEPT = 100
"""Rows of a finding that are kept with their values."""
_LONGEST_CELL = 1000


@dataclass(frozen=True, order=True)
class Offence:
    """One offending row: its line, and as much of the value as may be shown; the value itself and the row, by
    column, are for nobody but who may read the data.
    """

    line: int
    shown: str = ""
    value: str = field(default="", compare=False)
    row: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return f"line {self.line}" + (f" ({self.shown})" if self.shown else "")

    def as_json(self) -> dict[str, Any]:
        row = {name: _cut(value) for name, value in self.row.items()}
        return {"line": self.line, "value": _cut(self.value or self.shown), "row": row}


@dataclass
class Finding:
    """A broken rule in one column. kept: its first rows."""

    rule: str
    column: str
    count: int = 0
    kept: list[Offence] = field(default_factory=list)
    remedy: str = ""

    @property
    def first(self) -> list[Offence]:
        return self.kept[:SHOWN]

    @property
    def what(self) -> str:
        return f"{self.rule} in {self.column}" if self.column else self.rule

    def __str__(self) -> str:
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        remedy = f": {self.remedy}" if self.remedy else ""
        return f"{self.what}: {rows}, first {', '.join(map(str, self.first))}{remedy}"

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "column": self.column,
            "count": self.count,
            "remedy": self.remedy,
            "rows": [offence.as_json() for offence in self.kept],
        }


class Findings:
    """All broken rules of a dataset so far."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Finding] = {}
        self._whole: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._found or self._whole)

    def add(
        self, rule: str, column: str, count: int, first: Iterable[Offence], *, remedy: str | None = None
    ) -> None:
        """Offences of later rows come in later calls. remedy: None is that of the rule."""
        finding = self._found.get((rule, column))
        if finding is None:
            said = remedy_of(rule, column) if remedy is None else remedy
            finding = self._found[rule, column] = Finding(rule, column, remedy=said)
        finding.count += count
        for offence in first:
            if len(finding.kept) >= KEPT:
                break
            finding.kept.append(offence)

    def room(self, rule: str, column: str) -> int:
        """How many more offending rows are worth describing."""
        finding = self._found.get((rule, column))
        return KEPT - len(finding.kept) if finding else KEPT

    def add_whole(self, sentence: str) -> None:
        """A rule that the dataset breaks as a whole."""
        self._whole.append(sentence)

    @property
    def of_rows(self) -> list[Finding]:
        return list(self._found.values())

    @property
    def whole(self) -> list[str]:
        return list(self._whole)

    def sentences(self) -> list[str]:
        return [*self._whole, *(str(finding) for finding in self._found.values())]


def shortened(value: str) -> str:
    """Enough of an id to find the row, too little to be one: at most four characters, at most half of it."""
    return value[: min(4, len(value) // 2)] + "…"


def _cut(value: str) -> str:
    return value if len(value) <= _LONGEST_CELL else value[:_LONGEST_CELL] + "…"
