"""Events of a day counted, in as much memory as its people need and some hundred thousand events besides."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.measuring.counted_day import CountedDay
from pipeline.measuring.event_columns import NO_LIST, Codes, Columns, columns
from pipeline.measuring.experiment import LISTS

_BYTES = 4 << 20
"""Of text that is looked at together."""
_PENDING = 1_000_000
"""Rows that are kept before they are put together."""
_COLUMN_BITS, _VERSION_BITS = 16, 32
Column = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Each once: a person, and arm, version and column of the counts in one number.

    first: the moment of the first event.
    """

    people: Column
    places: Column
    counts: Column
    first: Column

    @classmethod
    def of(cls, parts: list[_Rows]) -> _Rows:
        people, places, counts, first = (
            np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0, np.uint64)])
            for name in ("people", "places", "counts", "first")
        )
        if not len(people):
            return cls(people, places, counts, first)
        order = np.lexsort((places, people))
        people, places = people[order], places[order]
        differs = (people[1:] != people[:-1]) | (places[1:] != places[:-1])
        starts = np.flatnonzero(np.concatenate([[True], differs]))
        return cls(
            people[starts],
            places[starts],
            np.add.reduceat(counts[order], starts),
            np.minimum.reduceat(first[order], starts),
        )


@dataclass(frozen=True, eq=False)
class _Shown:
    """Lists (hashes), each once, and the row in which it was first seen."""

    lists: Column
    people: Column
    places: Column
    first: Column

    @classmethod
    def of(cls, parts: list[_Shown]) -> _Shown:
        lists, people, places, first = (
            np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0, np.uint64)])
            for name in ("lists", "people", "places", "first")
        )
        lists, at = np.unique(lists, return_index=True)
        return cls(lists, people[at], places[at], first[at])

    @property
    def rows(self) -> _Rows:
        return _Rows(self.people, self.places, np.ones(len(self.lists), np.uint64), self.first)


class _Count:
    def __init__(self) -> None:
        self.arms, self.kinds = Codes[bytes](), Codes[tuple[bytes, bytes]]()
        self.unreadable = 0
        self._rows: list[_Rows] = []
        self._shown: list[_Shown] = []
        self._pending = 0

    def add(self, of: Columns) -> None:
        self.unreadable += of.unreadable
        base = (self.arms.of(of.arms) << np.uint64(_VERSION_BITS)) + of.versions
        base <<= np.uint64(_COLUMN_BITS)
        ones = np.ones(len(of.people), np.uint64)
        self._rows.append(_Rows(of.people, base + self.kinds.of(of.kinds), ones, of.moments))
        shown = np.flatnonzero(of.lists != NO_LIST)
        kinds = [(LISTS.encode(), of.kinds[at][1]) for at in shown.tolist()]
        places = base[shown] + self.kinds.of(kinds)
        self._shown.append(_Shown(of.lists[shown], of.people[shown], places, of.moments[shown]))
        self._pending += len(ones) + len(shown)
        if self._pending > _PENDING:
            self._rows, self._shown = [_Rows.of(self._rows)], [_Shown.of(self._shown)]
            self._pending = 0

    def rows(self) -> _Rows:
        return _Rows.of([*self._rows, _Shown.of(self._shown).rows])


def count(day: str, fingerprint: str, objects: Iterable[bytes]) -> CountedDay:
    """objects: JSON Lines of events, compressed; the same ones in the same order give the same.

    Lists are told apart by 64 bits of a hash, as people are.
    """
    counted = _Count()
    for text in _texts(objects):
        counted.add(columns(text))
    rows = counted.rows()
    kinds = [(kind.decode(), source.decode()) for kind, source in counted.kinds]
    arms = [name.decode() for name in counted.arms]
    return _arranged(day, fingerprint, rows, arms, kinds, counted.unreadable)


def _texts(objects: Iterable[bytes]) -> Iterator[bytes]:
    """Of several objects together: what is done once for each text costs as much for a short one."""
    waiting: list[bytes] = []
    size = 0
    for content in objects:
        text = gzip.decompress(content)
        waiting.append(text if text.endswith(b"\n") or not text else text + b"\n")
        size += len(text)
        if size > _BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _arranged(
    day: str,
    fingerprint: str,
    rows: _Rows,
    arms: list[str],
    kinds: list[tuple[str, str]],
    unreadable: int,
) -> CountedDay:
    whose = rows.places >> np.uint64(_COLUMN_BITS)
    column = (rows.places & np.uint64((1 << _COLUMN_BITS) - 1)).astype(np.int64)
    starts = _starts(rows.people, whose)
    row = np.zeros(len(whose), np.int64)
    row[starts[1:]] = 1
    row = np.cumsum(row)
    size, width = len(starts), len(kinds)
    counts = np.zeros((size, width), np.uint32)
    counts[row, column] = rows.counts
    first = np.minimum.reduceat(rows.first, starts) if size else rows.first
    people, whose = rows.people[starts], whose[starts]
    named = sorted(arms)
    columns_named = sorted(kinds[at] for at in np.unique(column).tolist())
    arm_at = np.array([named.index(arm) for arm in arms], np.uint8)
    arms_of = arm_at[(whose >> np.uint64(_VERSION_BITS)).astype(np.int64)] if size else np.zeros(0, np.uint8)
    versions = (whose & np.uint64((1 << _VERSION_BITS) - 1)).astype(np.uint32)
    order = np.lexsort((versions, arms_of, people))
    return CountedDay(
        day,
        fingerprint,
        tuple(named),
        tuple(columns_named),
        people[order],
        arms_of[order],
        versions[order],
        first.astype(np.uint32)[order],
        counts[order][:, [kinds.index(name) for name in columns_named]],
        unreadable,
    )


def _starts(people: Column, whose: Column) -> NDArray[np.int64]:
    if not len(people):
        return np.zeros(0, np.int64)
    differs = (people[1:] != people[:-1]) | (whose[1:] != whose[:-1])
    return np.flatnonzero(np.concatenate([[True], differs]))
