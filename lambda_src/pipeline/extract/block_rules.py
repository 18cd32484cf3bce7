"""The rules that a single row can break, applied to whole blocks of rows."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import numpy as np

from pipeline.columns import INTEGER_BITS, Column
from pipeline.extract.blocks import Block
from pipeline.extract.distinct import DistinctIds, Repeats
from pipeline.extract.event_types import EventCounts, EventRules, rule_of
from pipeline.extract.findings import Findings, Offence, shortened
from pipeline.extract.numbers import decimals, implausible_times, integers
from pipeline.extract.schema import EVENT_TYPE, DatasetSchema
from pipeline.extract.words import PADDING, Mask, Positions, hashes


def _nothing(_value: str) -> str:
    return ""


class BlockRules:
    """Notes the offences of each block in the findings, and counts rows, ids, event types and the newest
    timestamp.
    """

    def __init__(
        self, schema: DatasetSchema, findings: Findings, *, now: float, events: EventRules | None = None
    ) -> None:
        self._schema, self._findings, self._now, self._event_rules = schema, findings, now, events
        self.events = EventCounts(events)
        self._event_findings: dict[str, str] = {}
        self._ids = {c.name: DistinctIds() for c in schema.columns if c.is_id and c.name != schema.key_column}
        self.repeats = Repeats()
        self.rows = self.rejected = 0
        self.newest_timestamp: int | None = None

    def check(self, block: Block) -> None:
        self.rows += block.rows + len(block.misshapen)
        if block.misshapen:
            width = len(self._schema.columns)
            first = [
                Offence(line, f"{found} instead of {width}", text) for line, found, text in block.misshapen
            ]
            self._findings.add("wrong number of columns", "", len(first), first)
        refused = np.zeros(block.rows, dtype=bool)
        for index, column in enumerate(self._schema.columns):
            self._check_column(block, index, column, refused)
        self._check_bytes(block, refused)
        self.rejected += int(np.count_nonzero(refused)) + len(block.misshapen)

    def user_counts(self) -> tuple[int, int]:
        """How many users there are, and how many of them have at least two rows."""
        return self._ids["USER_ID"].counts() if "USER_ID" in self._ids else (0, 0)

    def distinct(self, name: str) -> int | None:
        if name == self._schema.key_column:
            return self.rows
        return self._ids[name].counts()[0] if name in self._ids else None

    def _check_column(self, block: Block, index: int, column: Column, refused: Mask) -> None:
        starts, ends = block.starts[index], block.ends[index]
        lengths = ends - starts
        empty: Mask = lengths == 0
        if block.quoted:
            empty |= (lengths == 2) & ((block.words[starts] & np.uint64(0xFFFF)) == np.uint64(0x2222))
        present = ~empty
        note = _Notes(self._findings, block, column.name, self._schema.names, refused)
        if not column.nullable:
            note.rows("missing value", empty, _nothing)
        if column.type in INTEGER_BITS:
            self._check_integers(block, index, column, present, note)
        elif column.is_number:
            note.rows("not a number", present & ~decimals(block, index, present), shortened)
        else:
            note.rows(*_too_long(block, index, column, lengths), shortened)
        if column.name == EVENT_TYPE:
            self._check_events(block, index, present, note)
        if column.is_id:
            self._count_ids(block, column, starts[present], lengths[present], present)

    def _check_integers(self, block: Block, index: int, column: Column, present: Mask, note: _Notes) -> None:
        values, good = integers(block, index, present, column.type)
        note.rows(
            "not an integer" if column.type == "long" else "not a 32-bit integer", present & ~good, shortened
        )
        if not column.is_time:
            return
        milliseconds, implausible = implausible_times(values, good, self._now)
        note.rows("milliseconds instead of seconds", milliseconds, str)
        note.rows("implausible time", implausible, str)
        if column.name == "TIMESTAMP" and (times := values[good]).size:
            self.newest_timestamp = max(self.newest_timestamp or 0, int(times.max()))

    def _check_events(self, block: Block, index: int, present: Mask, note: _Notes) -> None:
        for name, rows in self.events.add(block, index, present):
            assert self._event_rules
            rule = self._event_findings.setdefault(name, rule_of(name, len(self._event_findings)))
            note.rows(rule, rows, _nothing, remedy=self._event_rules.remedy_of(name))

    def _count_ids(
        self, block: Block, column: Column, starts: Positions, lengths: Positions, present: Mask
    ) -> None:
        hashed = hashes(block.words, starts, lengths)
        if column.name in self._ids:
            self._ids[column.name].add(hashed)
        else:
            self.repeats.add(hashed, block.lines()[present])

    def _check_bytes(self, block: Block, refused: Mask) -> None:
        self._check_positions("line break", block, block.line_breaks, refused)
        self._check_positions("backslash outside quotes", block, block.loose_backslashes, refused)
        self._check_positions("quote in the middle of a value", block, block.misplaced_quotes, refused)
        if block.rows and not _is_utf8(block):
            for index, column in enumerate(self._schema.columns):
                wrong = [not _decodes(block.raw(index, row)) for row in range(block.rows)]
                note = _Notes(self._findings, block, column.name, self._schema.names, refused)
                note.rows("not UTF-8", np.array(wrong, dtype=bool), _nothing)

    def _check_positions(self, rule: str, block: Block, positions: Positions, refused: Mask) -> None:
        if not positions.size:
            return
        columns, rows = block.owners(positions)
        for index, column in enumerate(self._schema.columns):
            mask = np.zeros(block.rows, dtype=bool)
            mask[rows[(columns == index) & (rows >= 0)]] = True
            _Notes(self._findings, block, column.name, self._schema.names, refused).rows(rule, mask, _nothing)


class _Notes:
    """Notes offences of one column of one block. names: of all columns."""

    def __init__(
        self, findings: Findings, block: Block, column: str, names: list[str], refused: Mask
    ) -> None:
        self._findings, self._block, self._column, self._names = findings, block, column, names
        self._refused = refused

    def rows(
        self, rule: str, offending: Mask, show: Callable[[str], str], *, remedy: str | None = None
    ) -> None:
        """remedy: None is that of the rule."""
        if not offending.any():
            return
        self._refused |= offending
        rows = np.flatnonzero(offending)
        first = [self._offence(int(row), show) for row in rows[: self._findings.room(rule, self._column)]]
        self._findings.add(rule, self._column, rows.size, first, remedy=remedy)

    def _offence(self, row: int, show: Callable[[str], str]) -> Offence:
        values = {name: self._block.value(column, row) for column, name in enumerate(self._names)}
        value = values[self._column]
        return Offence(self._block.line(row), show(value), value, values)


def _too_long(block: Block, index: int, column: Column, lengths: Positions) -> tuple[str, Mask]:
    limit = column.max_characters
    too_long: Mask = lengths > limit
    for row in np.flatnonzero(too_long):
        too_long[row] = len(block.value(index, int(row))) > limit
    return f"longer than {limit:,} characters", too_long


def _is_utf8(block: Block) -> bool:
    return block.text.isascii() or _decodes(memoryview(block.text)[PADDING : int(block.ends[-1, -1])])


def _decodes(raw: bytes | memoryview) -> bool:
    try:
        codecs.decode(raw, "utf-8")
    except UnicodeDecodeError:
        return False
    return True
