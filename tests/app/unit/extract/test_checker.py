"""The vectorised checker agrees with a judge that looks at one value after the other."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.columns import Column
from pipeline.errors import DatasetRejected
from pipeline.extract.checker import DatasetChecker
from pipeline.extract.distinct import DistinctIds, Repeats
from pipeline.extract.findings import shortened
from pipeline.extract.schema import DatasetSchema

NOW = 1_700_000_000
SCHEMA = DatasetSchema(
    "interactions",
    (
        Column("USER_ID", "string"),
        Column("AGE", "int", nullable=True),
        Column("NOTE", "string", nullable=True, textual=True),
        Column("SCORE", "double"),
        Column("TIMESTAMP", "long"),
    ),
)
Row = tuple[str | None, ...]
Offences = dict[tuple[str, str], list[int]]

ODD_TEXT = st.text(alphabet='ab1 ,"\\\n\r.é日', max_size=12)
LONG_TEXT = st.sampled_from(["x" * 255, "é" * 256, "é" * 257, "x" * 258, '"' * 256, '"' * 257])
IDS = st.one_of(st.none(), ODD_TEXT, st.text(alphabet="abc", min_size=1, max_size=20), LONG_TEXT)
JUNK = st.sampled_from([
    "", "-", "+1", ".", "-.", "0x1f", "1_000", " 1", "1 ",
    "\uff12", "1,5", "1\n", "\\1", "12:30", "/9", "NaN", "inf",
])  # fmt: skip
INTEGERS = st.one_of(st.none(), JUNK, ODD_TEXT, st.integers().map(str), st.integers(-(2**33), 2**33).map(str))
DECIMALS = st.one_of(
    INTEGERS,
    st.floats().map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.sampled_from(["1e5", "1e-400", "1e400", "5.", ".5", "1.2.3", "1" * 25, "1." + "3" * 22, "-0.25"]),
)
TIMES = st.one_of(
    st.integers(NOW - 10**9, NOW + 10**5).map(str),
    st.integers(NOW * 1000 - 10**9, NOW * 1000 + 10**9).map(str),
    INTEGERS,
)
ROWS = st.lists(st.tuples(IDS, INTEGERS, ODD_TEXT | st.none(), DECIMALS, TIMES), max_size=12)
GOOD_ROW: Row = ("user", "30", "a note", "0.5", "1699999999")


def needs_quotes(value: str, column: Column) -> bool:
    return column.name == "NOTE" or value == "" or any(c in value for c in ',"\n\r')


def written(rows: list[Row], columns: tuple[Column, ...] = SCHEMA.columns) -> str:
    """What PostgreSQL writes for these values, None being NULL."""
    lines = [",".join(column.name for column in columns)]
    for row in rows:
        cells = []
        for value, column in zip(row, columns, strict=False):
            text = value or ""
            if value is not None and needs_quotes(value, column):
                text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
            cells.append(text)
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"


def is_integer(text: str, bits: int) -> bool:
    return bool(re.fullmatch("[+-]?[0-9]{1,30}", text)) and -(2 ** (bits - 1)) <= int(text) < 2 ** (bits - 1)


def is_decimal(text: str) -> bool:
    if not text.isascii() or re.search(r"[_\s]", text):
        return False
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def judged(value: str | None, column: Column) -> list[str]:
    """The rules that a value breaks."""
    if not value:
        return [] if column.nullable else ["missing value"]
    broken = ["line break"] if "\n" in value or "\r" in value else []
    if "\\" in value and not needs_quotes(value, column):
        broken.append("backslash outside quotes")
    if column.type == "int" and not is_integer(value, 32):
        broken.append("not a 32-bit integer")
    elif column.type == "long" and not is_integer(value, 64):
        broken.append("not an integer")
    elif column.type == "double" and not is_decimal(value):
        broken.append("not a number")
    elif column.name == "TIMESTAMP" and not 631_152_000 <= int(value) <= NOW + 86_400:
        in_seconds = 631_152_000 <= int(value) // 1000 <= NOW + 86_400
        broken.append("milliseconds instead of seconds" if in_seconds else "implausible time")
    elif column.name == "USER_ID" and len(value) > 256:
        broken.append("longer than 256 characters")
    return broken


def judged_all(rows: list[Row]) -> Offences:
    found: Offences = {}
    line = 2
    for row in rows:
        for value, column in zip(row, SCHEMA.columns, strict=True):
            for rule in judged(value, column):
                found.setdefault((rule, column.name), []).append(line)
        line += 1 + sum((value or "").count("\n") for value in row)
    return found


def checked(text: bytes, cuts: list[int]) -> tuple[Offences, str]:
    checker = DatasetChecker(SCHEMA, now=NOW)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        checker.feed(text[start:end])
    with pytest.raises(DatasetRejected) as refused:
        checker.finish()
    found: Offences = {}
    for finding in checker.findings.of_rows:
        assert len(finding.first) == min(finding.count, 5)
        assert finding.remedy, finding.rule
        found[finding.rule, finding.column] = [offence.line for offence in finding.first]
        found[finding.rule, finding.column] += [0] * (finding.count - len(finding.first))
    return found, str(refused.value)


@given(rows=ROWS, cuts=st.lists(st.integers(0, 2000), max_size=6))
def test_the_checker_finds_what_a_look_at_each_value_finds_wherever_the_chunks_end(
    rows: list[Row], cuts: list[int]
) -> None:
    found, message = checked(written(rows).encode(), cuts)

    expected = {rule: lines[:5] + [0] * (len(lines) - 5) for rule, lines in judged_all(rows).items()}
    assert found == expected
    users = Counter(row[0] for row in rows if row[0])
    assert f"only {len(rows)} interactions" in message
    assert f"only {sum(count > 1 for count in users.values())} users with 2 or more" in message


@given(rows=ROWS)
def test_what_counts_as_written_by_postgresql_is_what_a_reader_of_the_dialect_reads(rows: list[Row]) -> None:
    clean = [
        row for row in rows if not any("\\" in (value or "") for value in (row[0], row[1], row[3], row[4]))
    ]

    text = io.StringIO(written(clean), newline="")

    read = list(csv.reader(text, doublequote=False, escapechar="\\", strict=True))
    assert read[1:] == [[value or "" for value in row] for row in clean]


@pytest.mark.parametrize("size", [13, 64, 4096])
def test_a_good_dataset_passes_in_chunks_of_any_size(size: int) -> None:
    rows: list[Row] = [
        (f"user-{i % 400}", str(i), 'a "note", \\o/', "-1.5", str(NOW - i)) for i in range(1500)
    ]
    text = written(rows).encode()
    checker = DatasetChecker(SCHEMA, now=NOW)

    for start in range(0, len(text), size):
        checker.feed(text[start : start + size])
    figures = checker.finish()

    assert (figures.rows, figures.users, figures.items, figures.newest_timestamp) == (1500, 400, None, NOW)


def test_rows_of_another_width_are_refused_and_do_not_hide_the_others() -> None:
    rows: list[Row] = [GOOD_ROW, GOOD_ROW[:3], GOOD_ROW, ("user", "old", *GOOD_ROW[2:])]
    text = written(rows) + "a,1,2,3,4,5\n"

    found, message = checked(text.encode(), [])

    assert found == {("wrong number of columns", ""): [3, 6], ("not a 32-bit integer", "AGE"): [5]}
    assert "line 3 (3 instead of 5), line 6 (6 instead of 5)" in message

    checker = DatasetChecker(SCHEMA, now=NOW)
    checker.feed(text.encode())
    with pytest.raises(DatasetRejected) as refused:
        checker.finish()
    assert (refused.value.rows, refused.value.rejected) == (5, 3)


def test_a_quote_within_a_row_of_another_width_is_not_that_of_the_row_before() -> None:
    text = written([GOOD_ROW]) + 'a"b"c,1\n' + ",".join(map(str, GOOD_ROW)) + "\n"

    found, _ = checked(text.encode(), [])

    assert found == {("wrong number of columns", ""): [3]}


@pytest.mark.parametrize(
    ("cell", "refused"),
    [('"say ""hi"" twice"', False), ('""""', False), ('"say" "hi"', True), ('say "hi"', True)],
)
def test_quotes_within_a_value_are_doubled_or_escaped(cell: str, refused: bool) -> None:
    found, _ = checked(written([GOOD_ROW]).replace('"a note"', cell).encode(), [])

    assert set(found) == ({("quote in the middle of a value", "NOTE")} if refused else set())


def test_a_torn_end_is_refused() -> None:
    _, message = checked(written([GOOD_ROW, GOOD_ROW]).encode()[:-4], [])

    assert "ends within the row of line 3" in message


def test_bytes_that_are_not_utf8_are_refused() -> None:
    text = written([GOOD_ROW] * 3).encode().replace(b"a note", b"n\xf6te", 2)

    found, _ = checked(text, [10, 40, 60])

    assert found == {("not UTF-8", "NOTE"): [2, 3]}


def test_nothing_at_all_is_refused_for_its_header() -> None:
    with pytest.raises(DatasetRejected, match="missing USER_ID, AGE"):
        DatasetChecker(SCHEMA, now=NOW).finish()


def test_few_users_who_come_back_among_many_are_too_few() -> None:
    rows: list[Row] = [(f"u{min(i, 6000 - i)}" if i < 60 else f"v{i}", *GOOD_ROW[1:]) for i in range(6000)]
    rows += [(f"u{i}", *GOOD_ROW[1:]) for i in range(40)]
    checker = DatasetChecker(SCHEMA, now=NOW)
    checker.feed(written(rows).encode())

    with pytest.raises(
        DatasetRejected, match="only 40 users with 2 or more interactions, at least 60 are needed"
    ):
        checker.finish()


@given(batches=st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12), pending=st.integers(1, 40))
def test_distinct_ids_are_counted_exactly_in_any_batches(batches: list[list[int]], pending: int) -> None:
    ids = DistinctIds(pending=pending)

    for batch in batches:
        ids.add(np.array(batch, dtype=np.uint64))

    counts = Counter(number for batch in batches for number in batch)
    assert ids.counts() == (len(counts), sum(count > 1 for count in counts.values()))


@given(ids=st.lists(st.integers(0, 20), max_size=40))
def test_repeated_ids_are_told_with_the_line_they_repeat(ids: list[int]) -> None:
    repeats = Repeats()
    repeats.add(np.array(ids, dtype=np.uint64), np.arange(len(ids)) + 2)

    expected = [(line + 2, ids.index(i) + 2) for line, i in enumerate(ids) if ids.index(i) < line]
    assert repeats.count() == len(expected)
    assert repeats.first(5) == expected[:5]


@given(ids=st.sets(st.text(alphabet="abcdefg0123é-", min_size=1, max_size=60), min_size=1, max_size=24))
def test_different_ids_of_any_length_are_different_users(ids: set[str]) -> None:
    rows: list[Row] = [(user, *GOOD_ROW[1:]) for user in sorted(ids) for _ in range(2)]
    checker = DatasetChecker(SCHEMA, now=NOW)
    checker.feed(written(rows).encode())

    with pytest.raises(DatasetRejected) as refused:
        checker.finish()
    assert f"only {len(ids)} users with 2 or more" in str(refused.value)


@given(value=st.text(max_size=20))
def test_a_shortened_id_never_shows_more_than_half_of_it(value: str) -> None:
    shown = shortened(value)

    assert shown.endswith("…")
    assert value.startswith(shown[:-1])
    assert len(shown) - 1 <= min(4, len(value) / 2)
