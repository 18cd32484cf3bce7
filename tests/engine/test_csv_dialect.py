"""CSV files mean to the engine what they mean to all others; what cannot be one is refused."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.loading import read_table
from engine.ground.errors import DataError
from tests.support.csv_cases import CASES, CsvCase, witnessed

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
ODD = st.text('ab ",\\\n\r\u2028é', max_size=8)
ROWS = st.lists(st.tuples(ODD.filter(bool), st.one_of(ODD, TEXT)), min_size=1, max_size=6)
WRITERS: list[dict[str, Any]] = [
    {"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
    {"quoting": csv.QUOTE_MINIMAL, "doublequote": False, "escapechar": "\\"},
    {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"},
    {"quoting": csv.QUOTE_MINIMAL},
]


def read(path: Path) -> list[tuple[str, str]]:
    table = read_table(path, ("ITEM_ID", "NOTE"), now=0)
    ids, notes = table.ids("ITEM_ID"), table.text("NOTE")
    table.findings.refuse()
    return [(str(name), notes[row]) for row, name in enumerate(ids)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_is_read_as_the_table_says_or_refused(case: CsvCase, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(case.text)
    if case.rows is None or case.name == "a NUL":
        with pytest.raises(DataError, match=r"items\.csv: .*line [12]"):
            read(path)
    else:
        assert read(path) == list(case.rows)


@pytest.mark.parametrize("case", [one for one in CASES if one.witness], ids=lambda case: case.name)
def test_the_table_says_what_pythons_csv_module_says(case: CsvCase) -> None:
    assert case.rows is not None
    assert witnessed(case) == list(case.rows)


@pytest.mark.parametrize("writer", WRITERS, ids=str)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_pythons_csv_module_writes_is_read_back(
    writer: dict[str, Any], tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    """Without escapes, a backslash inside quotes that stands before a quote or another is written as one."""
    if "escapechar" not in writer:
        rows = [(name.replace("\\", ""), note.replace("\\", "")) for name, note in rows]
    elif writer["quoting"] == csv.QUOTE_MINIMAL:  # escapes outside quotes too
        rows = [(name.replace("\\", "").replace('"', ""), note.replace("\\", "")) for name, note in rows]
        rows = [(name, note.replace('"', "")) for name, note in rows]
    text = io.StringIO(newline="")
    csv.writer(text, **writer).writerows([("ITEM_ID", "NOTE"), *rows])
    path = tmp_path / "items.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert read(path) == rows
