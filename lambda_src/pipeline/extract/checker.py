"""Checks a dataset's CSV while it streams by: every rule of Personalize that the file alone can break."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pipeline.errors import DatasetRejected
from pipeline.extract.block_rules import BlockRules
from pipeline.extract.blocks import Splitter
from pipeline.extract.findings import SHOWN, Findings, Offence
from pipeline.extract.schema import INTERACTIONS, DatasetSchema

MIN_INTERACTIONS = 1000
MIN_REPEATING_USERS = 25
MIN_REPEATING_SHARE = 0.01


@dataclass(frozen=True)
class Figures:
    """What the checker counted; users and items where the dataset has such a column."""

    rows: int
    users: int | None
    items: int | None
    newest_timestamp: int | None


class DatasetChecker:
    """Feed it the CSV in pieces of any size; `finish` answers the figures.

    Raises: DatasetRejected, from `finish` and for a wrong header.
    """

    def __init__(self, schema: DatasetSchema, *, now: float) -> None:
        self._schema = schema
        self.findings = Findings()
        self._rules = BlockRules(schema, self.findings, now=now)
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

    def finish(self) -> Figures:
        if self._header is not None:
            self._check_header()
        if self._splitter.rest:
            self.findings.add_whole(f"the data ends within the row of line {self._splitter.line:,}")
        self._check_repeats()
        self._check_minimum()
        rules = self._rules
        if self.findings:
            raise self._rejection()
        return Figures(
            rows=rules.rows,
            users=rules.distinct("USER_ID"),
            items=rules.distinct("ITEM_ID"),
            newest_timestamp=rules.newest_timestamp,
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
        self.findings.add_whole(f"the header is {','.join(found)} instead of {','.join(wanted)}: {detail}")
        raise self._rejection()

    def _check_repeats(self) -> None:
        column, repeats = self._schema.key_column, self._rules.repeats
        if column is None or not (count := repeats.count()):
            return
        first = [Offence(line, f"repeats line {earlier:,}") for line, earlier in repeats.first(SHOWN)]
        self.findings.add("repeated id", column, count, first)
        self._rules.rejected += count

    def _check_minimum(self) -> None:
        rows = self._rules.rows
        if self._schema.dataset != INTERACTIONS:
            if not rows:
                self.findings.add_whole("there are no rows")
            return
        if rows < MIN_INTERACTIONS:
            self.findings.add_whole(f"only {rows:,} interactions, at least {MIN_INTERACTIONS:,} are needed")
        users, repeating = self._rules.user_counts()
        needed = max(MIN_REPEATING_USERS, math.ceil(users * MIN_REPEATING_SHARE))
        if repeating < needed:
            self.findings.add_whole(
                f"only {repeating:,} users with 2 or more interactions, at least {needed:,} are needed"
            )

    def _rejection(self) -> DatasetRejected:
        return DatasetRejected(
            f"{self._schema.dataset} refused: " + "; ".join(self.findings.sentences()),
            rows=self._rules.rows,
            rejected=self._rules.rejected,
        )
