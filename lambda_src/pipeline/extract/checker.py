"""Checks a dataset's CSV while it streams by: every rule of Personalize that the file alone can break."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import DatasetRejected
from pipeline.extract.block_rules import BlockRules
from pipeline.extract.blocks import Block, Splitter
from pipeline.extract.event_types import WARN, EventRules
from pipeline.extract.findings import KEPT, SHOWN, Findings, Offence
from pipeline.extract.schema import INTERACTIONS, DatasetSchema
from pipeline.extract.words import Words

MIN_INTERACTIONS = 1000
MIN_REPEATING_USERS = 25
MIN_REPEATING_SHARE = 0.01


@dataclass(frozen=True)
class Figures:
    """What the checker counted; users and items where the dataset has such a column, and rows by event type.
    warnings: what deserves a look, and refuses nothing.
    """

    rows: int
    users: int | None
    items: int | None
    newest_timestamp: int | None
    event_types: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class DatasetChecker:
    """Feed it the CSV in pieces of any size; `finish` answers the figures.

    events: what event types there may and must be. also: is given every block besides.
    Raises: DatasetRejected, from `finish` and for a wrong header.
    """

    def __init__(
        self,
        schema: DatasetSchema,
        *,
        now: float,
        events: EventRules | None = None,
        also: Callable[[Block], None] | None = None,
    ) -> None:
        self._schema, self._events, self._also = schema, events, also
        self.findings = Findings()
        self._rules = BlockRules(schema, self.findings, now=now, events=events)
        self._header: bytes | None = b""
        self._splitter = Splitter(len(schema.columns), first_line=2)

    def feed(self, *chunks: bytes | bytearray) -> None:
        """Check the rows that these chunks complete. Raises: DatasetRejected, for a wrong header, at once."""
        if self._header is not None:
            header, found, rest = b"".join((self._header, *chunks)).partition(b"\n")
            self._header = header
            if not found:
                return
            self._check_header()
            self._header = None
            chunks = (rest,)
        block = self._splitter.split(*chunks)
        if block is not None:
            self._rules.check(block)
            if self._also:
                self._also(block)

    @property
    def repeated(self) -> Words:
        """Hashes of ids that repeat, of some of them."""
        return self._rules.repeats.ids(KEPT)

    def finish(self, repeated: Sequence[Offence] = ()) -> Figures:
        """repeated: rows of repeated ids, if they are known with their values."""
        if self._header is not None:
            self._check_header()
        if self._splitter.rest:
            self.findings.add_whole(f"the data ends within the row of line {self._splitter.line:,}")
        self._check_repeats(repeated)
        self._check_minimum()
        warnings = self._rules.events.unknown()
        if self._events and self._events.missing == WARN:
            warnings += self._rules.events.missing()
        else:
            for sentence in self._rules.events.missing():
                self.findings.add_whole(sentence)
        if self.findings:
            raise self.rejection()
        return self.figures(warnings)

    def figures(self, warnings: Sequence[str] = ()) -> Figures:
        """Of what was fed so far, good or not."""
        rules = self._rules
        return Figures(
            rows=rules.rows,
            users=rules.distinct("USER_ID"),
            items=rules.distinct("ITEM_ID"),
            newest_timestamp=rules.newest_timestamp,
            event_types=rules.events.told(),
            warnings=tuple(warnings),
        )

    def _check_header(self) -> None:
        assert self._header is not None
        found = self._header.decode(errors="replace").split(",")
        wanted = self._schema.names
        if found == wanted:
            return
        missing = [name for name in wanted if name not in found]
        unexpected = [name for name in found if name not in wanted]
        parts = [f"missing {', '.join(missing)}"] if missing else []
        parts += [f"unexpected {', '.join(unexpected)}"] if unexpected else []
        detail = " and ".join(parts) or "the order differs"
        folded = [name for name in missing if name.lower() in found]
        if folded:
            quoted = ", ".join(f'AS "{name}"' for name in folded)
            detail += f"; write {quoted}, quotes included: PostgreSQL folds other names to lower case "
            detail += "(in a file: name the columns so)"
        self.findings.add_whole(f"the header is {','.join(found)} instead of {','.join(wanted)}: {detail}")
        raise self.rejection()

    def _check_repeats(self, known: Sequence[Offence]) -> None:
        column, repeats = self._schema.key_column, self._rules.repeats
        if column is None or not (count := repeats.count()):
            return
        first = known or [
            Offence(line, f"repeats line {earlier:,}") for line, earlier in repeats.first(SHOWN)
        ]
        self.findings.add("repeated id", column, count, first)
        self._rules.rejected += count

    def _check_minimum(self) -> None:
        rows = self._rules.rows
        if self._schema.dataset != INTERACTIONS:
            if not rows:
                self.findings.add_whole("there are no rows")
            return
        if rows < MIN_INTERACTIONS:
            self.findings.add_whole(
                f"only {rows:,} interactions, at least {MIN_INTERACTIONS:,} are needed: does the query look "
                "far enough back, and at the right tables?"
            )
        users, repeating = self._rules.user_counts()
        needed = max(MIN_REPEATING_USERS, math.ceil(users * MIN_REPEATING_SHARE))
        if repeating < needed:
            self.findings.add_whole(
                f"only {repeating:,} users with 2 or more interactions, at least {needed:,} are needed: is "
                "USER_ID the person, and the same in every row of theirs?"
            )

    def rejection(self, place: str = "") -> DatasetRejected:
        """place: where refused rows are kept with their values."""
        told = f", rows with their values are in {place}" if place else ""
        return DatasetRejected(
            f"{self._schema.dataset} refused{told}: " + "; ".join(self.findings.sentences()),
            rows=self._rules.rows,
            rejected=self._rules.rejected,
        )

    def refused(self) -> dict[str, Any]:
        """What was found, and the first rows of each finding with all their values; personal data."""
        return {
            "dataset": self._schema.dataset,
            "columns": self._schema.names,
            "rows": self._rules.rows,
            "rejected": self._rules.rejected,
            "eventTypes": self._rules.events.told(),
            "whole": self.findings.whole,
            "findings": [finding.as_json() for finding in self.findings.of_rows],
        }
