"""A cell is good or bad by its column's type alone, whoever brings it and whatever it comes with."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_server.data.avro_schema import Field
from personalize_server.data.cells import CellError, judged, kept
from personalize_server.data.csv_export import export_csv
from personalize_server.data.csv_import import import_files
from personalize_server.data.numbers import MISSING_LONG
from personalize_server.facts.errors import InvalidInput
from personalize_server.facts.failures import JobFailed
from personalize_server.operations.records import checked_cells, given_cells
from tests.personalize_server.support.bounds import (
    FIELDS,
    NOW,
    REFUSED,
    as_written,
    cells_of,
    in_csv,
    read_csv,
    worth,
)

_KEY = Field("KEY", "string")
_KEPT_APART = (
    "ITEM_ID",
    "EVENT_TYPE",
    "IMPRESSION",
)  # not to be named in properties, or of another operation


def taken(field: Field, cells: Sequence[str]) -> list[Any]:
    """As values, None for absent ones. Raises: CellError."""
    return values_of(field, judged(field, cells, NOW))


def values_of(field: Field, values: Any) -> list[Any]:
    found = values.tolist() if isinstance(values, np.ndarray) else list(values)
    if field.type == "boolean":
        return [{"true": True, "false": False, "": None}[value] for value in found]
    absent = MISSING_LONG if field.type in ("int", "long") else ""
    return [None if value == absent or value != value else value for value in found]


def put(field: Field, text: str) -> Any:
    """The value that PutItems keeps of a property, given as JSON."""
    try:
        cells = given_cells(f'{{"{field.name}": {text}}}', [field])
        return as_written(field, checked_cells(cells, [field], NOW)[field.name])
    except InvalidInput:
        return REFUSED


@pytest.mark.parametrize("name", FIELDS)
def test_every_cell_is_taken_for_its_worth_or_refused(name: str) -> None:
    wrong = {}
    for cell in cells_of(name):
        try:
            [found] = taken(FIELDS[name], [cell])
        except CellError:
            found = REFUSED
        if (found, type(found)) != ((expected := worth(name, cell)), type(expected)):
            wrong[cell[:60]] = (found, expected)
    assert wrong == {}


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in _KEPT_APART])
def test_a_property_is_worth_what_the_cell_is_that_a_file_would_have(name: str) -> None:
    wrong = {}
    for cell in cells_of(name):
        spellings = [json.dumps(cell)]
        if FIELDS[name].numeric and is_json_number(cell):
            spellings.append(cell)
        for text in spellings:
            if (found := put(FIELDS[name], text)) != (expected := worth(name, cell)):
                wrong[text[:60]] = (found, expected)
    assert wrong == {}


def is_json_number(cell: str) -> bool:
    try:
        return type(json.loads(cell, parse_constant=str)) in (int, float) and cell == cell.strip()
    except ValueError:
        return False


@pytest.mark.parametrize("name", FIELDS)
def test_a_file_of_what_is_taken_is_exported_as_it_was(name: str, tmp_path: Path) -> None:
    field = FIELDS[name]
    cells = [cell for cell in cells_of(name) if worth(name, cell) is not REFUSED and in_csv(cell) is not None]
    lines = [f"KEY,{name}", *(f"{row},{in_csv(cell)}" for row, cell in enumerate(cells))]
    body = "\n".join(lines).encode() + b"\n"
    import_files([("a.csv", [body])], [_KEY, field], tmp_path / "part", now=NOW)
    for folder in (tmp_path / "part", tmp_path / "again"):
        assert export_csv([folder], [_KEY, field], tmp_path / "out.csv") == len(cells)
        text = (tmp_path / "out.csv").read_bytes()
        rows = read_csv(text.decode())[1:]
        assert [as_written(field, row[1]) for row in rows] == [worth(name, cell) for cell in cells]
        if folder.name == "part":
            import_files([("b.csv", [text])], [_KEY, field], tmp_path / "again", now=NOW)


@pytest.mark.parametrize("name", FIELDS)
def test_a_file_with_one_bad_cell_is_refused_by_its_line(name: str, tmp_path: Path) -> None:
    bad = [cell for cell in cells_of(name) if worth(name, cell) is REFUSED and in_csv(cell) is not None]
    good = next(cell for cell in cells_of(name) if worth(name, cell) not in (REFUSED, None))
    for number, cell in enumerate(bad[:: max(1, len(bad) // 12)]):
        body = f"KEY,{name}\n1,{good}\n2,{in_csv(cell)}\n3,{good}\n".encode()
        with pytest.raises(JobFailed, match=rf"[Ll]ine 3.*{name}|{name} \(line 3\)"):
            import_files([("a.csv", [body])], [_KEY, FIELDS[name]], tmp_path / str(number), now=NOW)


@given(data=st.data(), name=st.sampled_from(sorted(FIELDS)))
def test_cells_fare_together_as_they_fare_alone(data: st.DataObject, name: str) -> None:
    field = FIELDS[name]
    cell = st.one_of(st.sampled_from(cells_of(name)), st.from_regex(r"[+-]?[0-9]{1,20}", fullmatch=True))
    cells = data.draw(st.lists(cell, min_size=1, max_size=5))
    alone: list[Any] = []
    for text in cells:
        try:
            alone += taken(field, [text])
        except CellError:
            alone.append(REFUSED)
    try:
        together = taken(field, cells)
    except CellError as problem:
        assert alone.index(REFUSED) == problem.row
    else:
        assert together == alone


@given(data=st.data(), name=st.sampled_from(sorted(FIELDS)))
def test_what_was_taken_is_read_whatever_it_is_read_with(data: st.DataObject, name: str) -> None:
    """Cells as they are kept, and some that a server of before let in."""
    field = FIELDS[name]
    cells = data.draw(st.lists(st.sampled_from(cells_of(name)), min_size=1, max_size=5))
    values = values_of(field, kept(field, cells)) if field.type != "boolean" else kept(field, cells)
    assert len(values) == len(cells)
    if field.type == "string":
        return
    for cell, value in zip(cells, values, strict=True):
        expected = worth(name, cell)
        if expected is not REFUSED and field.type != "boolean":
            assert value == expected
