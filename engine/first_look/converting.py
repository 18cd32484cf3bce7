"""Somebody's files as the engine reads them: columns by their meaning, times in seconds."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO
from zlib import crc32

from engine.data.csv_dialect import quoted
from engine.first_look.columns import meanings, plain, title_of
from engine.first_look.rows import Rows, rows_of, text_of
from engine.first_look.times import seconds_of
from engine.ground.errors import DataError

_SHOWN = 3
_LETTERS = 40
_NEEDED = ("USER_ID", "ITEM_ID", "TIMESTAMP")
_TELL_EVERY = 500_000
_PARTS = 1 << 32


@dataclass
class Taken:
    """One file as it was taken. rows: that count. left_out: rows that do not, by reason. share: of the people
    whose rows were taken. written: how times are written. titles: what items are called, by id.
    """

    file: Path
    path: Path
    columns: Mapping[str, str]
    rows: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    share: float = 1.0
    written: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)


def converted(
    role: str,
    file: Path,
    folder: Path,
    chosen: Mapping[str, str],
    *,
    now: float,
    most: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Taken:
    """Writes `<role>.csv` into the folder, in Personalize's dialect.

    now: seconds since 1970; what is later than tomorrow is no time. Of events about `most` are taken: all
    those of a part of the people, by a checksum of their ids. Rows without an id or a time are left out, and
    counted. Raises: DataError, with the first places of what cannot be understood.
    """
    rows = rows_of(file)
    places = meanings(role, rows.header, chosen, file=str(file))
    others = [] if role == "interactions" else _others(rows.header, places)
    names = [*places, *(_named(rows.header[at]) for at in others)]
    taken = Taken(file, folder / f"{role}.csv", {name: rows.header[at] for name, at in places.items()})
    if most is not None and rows.about > most:
        taken.share = most / rows.about
    with taken.path.open("w", encoding="utf-8", newline="") as out:
        out.write(",".join(map(quoted, names)) + "\n")
        _write(out, rows, places, others, taken, title_of(rows.header) if role == "items" else None, now, say)
    if not taken.rows:
        why = "; ".join(f"{count:,} rows have {reason}" for reason, count in taken.left_out.items())
        raise DataError(f"{file} has no rows that count{f': {why}' if why else ''}")
    return taken


def _named(column: str) -> str:
    return column.partition(":")[0].strip()


def _others(header: Sequence[str], places: Mapping[str, int]) -> list[int]:
    """Columns that tell something of an item or a person; each name once."""
    used, found = {plain(name) for name in places}, []
    for at, name in enumerate(header):
        if at not in places.values() and plain(name) and plain(name) not in used:
            used.add(plain(name))
            found.append(at)
    return found


def _write(
    out: TextIO,
    rows: Rows,
    places: Mapping[str, int],
    others: Sequence[int],
    taken: Taken,
    title: int | None,
    now: float,
    say: Callable[[str], None],
) -> None:
    key = next(iter(places))
    seen: set[str] = set()
    bad: list[str] = []
    wrong = 0
    for number, (where, row) in enumerate(rows, 1):
        if number % _TELL_EVERY == 0:
            say(f"{taken.file.name}: {number:,} of about {max(rows.about, number):,} rows")
        identity = text_of(row[places[key]])
        if taken.share < 1 and crc32(identity.encode()) >= taken.share * _PARTS:
            continue
        try:
            cells, written = _cells(row, places, now)
        except _NoTime as problem:
            wrong += 1
            bad += [f"{where} ({problem})"] if len(bad) < _SHOWN else []
            continue
        if missing := [name for name in places if not cells[name] and name in _NEEDED]:
            taken.left_out[f"no {taken.columns[missing[0]]}"] += 1
        elif identity in seen:
            taken.left_out[f"a {taken.columns[key]} that was there before"] += 1
        else:
            if "TIMESTAMP" not in places:
                seen.add(identity)
            if title is not None:
                taken.titles[identity] = text_of(row[title])
            taken.rows += 1
            taken.written.update(written)
            more = (text_of(row[at]) for at in others)
            out.write(",".join(map(quoted, (*cells.values(), *more))) + "\n")
    if wrong:
        raise DataError(
            f"{taken.file}: {wrong:,} rows have a {taken.columns['TIMESTAMP']} that is no time from 1990 to "
            f"tomorrow, nor an ISO 8601 date of then: {', '.join(bad)}; --column TIMESTAMP=NAME names "
            "another column"
        )


class _NoTime(Exception):
    """What the cell has."""


def _cells(row: Sequence[Any], places: Mapping[str, int], now: float) -> tuple[dict[str, str], list[str]]:
    """By meaning; and how times are written. Raises: _NoTime."""
    cells: dict[str, str] = {}
    written: list[str] = []
    for name, at in places.items():
        if not name.endswith("TIMESTAMP"):
            cells[name] = text_of(row[at])
        elif (time := seconds_of(row[at], now)) is not None:
            cells[name] = str(int(time[0]))
            written.append(time[1])
        elif name == "TIMESTAMP" and text_of(row[at]):
            raise _NoTime(repr(row[at])[:_LETTERS])
        else:
            cells[name] = ""
    return cells, written
