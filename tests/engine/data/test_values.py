"""Every cell of a file is taken as what it says, or refused with where it is and what to do."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from random import Random

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from engine.data.interactions import Interactions
from engine.data.loading import load, read_events, read_metadata
from engine.data.metadata import Categories, Column, Numbers, Words
from engine.ground.errors import DataError
from engine.models import content
from tests.engine.support.files import NOW, clock, written

DAY = 86_400
BOUNDS = sorted(
    {0, 1, 10, 631_152_000, NOW, NOW + DAY, 4_000_000_000, *(2**bits for bits in (7, 8, 15, 16, 24, 31, 32))}
    | {2**53, 10**15, 10**16, 10**18, 2**63, 2**64, 10**19, 10**40, NOW * 10**3, NOW * 10**6, NOW * 10**9}
)
FORMS = (
    "{}",
    "-{}",
    "+{}",
    "{}.0",
    "{}.5",
    "{}e0",
    "0{}",
    " {}",
    "{}_0",
    "{}E-3",
    "{},0",
    "${}",
    "{}.",
    ".{}",
)
TEXTS = [
    *("", "nan", "NaN", "inf", "-Infinity", "None", "1e400", "-1e400", "1e-400", "0x1f", "1.2.3", "--1", "e"),
    *(
        "\u0661\u0662",
        "\uff11",
        "\u00b2",
        "true",
        "2026-11-21",
        "a,b",
        'a"b',
        "a\\b",
        "\\",
        '"',
        "a\\",
        "a|b",
        "|",
    ),
    *(
        "é" * 255,
        "é" * 256,
        "é" * 257,
        "x" * 1000,
        "x" * 20_001,
        "9" * 5_000,
        "a\u2028b",
        "a\x85b",
        "a\tb",
        "a\nb",
    ),
    *(" a ", "\u200b", "😀", "a b c d e f", "\x1c", "=1+1", "NULL"),
]


def cells(count: int) -> Iterator[str]:
    """Numbers at and beside the bounds of their types in many spellings, and odd texts."""
    random = Random(3)
    for _ in range(count):
        if random.random() < 0.2:
            yield random.choice(TEXTS)
        else:
            yield random.choice(FORMS).format(random.choice(BOUNDS) + random.randint(0, 2) - 1)


def decimal(cell: str) -> Decimal:
    try:
        return Decimal(cell)
    except InvalidOperation:
        return Decimal("NaN")


def event(column: str, cell: str, path: Path) -> tuple[Interactions, str]:
    """The event of a file in which this cell is the only odd one, and its label."""
    good = {"USER_ID": "u", "ITEM_ID": "i", "TIMESTAMP": str(NOW), "EVENT_VALUE": "1", "DEVICE": "tv"}
    written(path, {name: [text] for name, text in {**good, column: cell}.items()})
    events, labels = read_events(path, least_value=-1e15, contexts=["DEVICE"], clock=clock)
    found = labels["DEVICE"]
    return events, "".join(found.values[code] for code in found.codes if code >= 0)


def test_cells_of_events_are_taken_exactly_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    refused = 0
    for at, cell in enumerate(cells(1_500)):
        column = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_VALUE", "DEVICE")[at % 5]
        try:
            events, label = event(column, cell, path)
        except DataError as problem:
            assert column in str(problem) and "line 2" in str(problem) and str(path) in str(problem), cell
            refused += 1
            continue
        match column:
            case "USER_ID":
                assert events.user_ids.tolist() == [cell]
            case "ITEM_ID":
                assert events.item_ids.tolist() == [cell]
            case "TIMESTAMP":
                assert events.times.tolist() == [int(decimal(cell))], cell
            case "EVENT_VALUE":
                assert len(events) == (not decimal(cell).is_nan() and decimal(cell) >= -(10**15)), cell
            case _:
                assert label == cell
    assert 200 < refused < 1_000


def test_cells_of_metadata_are_taken_exactly_or_refused(tmp_path: Path) -> None:
    path, drawn = tmp_path / "items.csv", list(cells(8_500))
    for start in range(0, len(drawn), 500):
        columns = {"ITEM_ID": ["i"], "C": ["1e400"]}
        columns |= {f"C{at}": [cell] for at, cell in enumerate(drawn[start : start + 500])}
        with pytest.raises(DataError, match=r"items\.csv: C beyond any number in line 2 \('-?1e400'\)"):
            read_metadata(written(path, columns), "ITEM_ID", clock=clock)
        kept = {name: column for name, column in columns.items() if not column[0].endswith("1e400")}
        found = read_metadata(written(path, kept), "ITEM_ID", clock=clock).columns
        for name, [cell] in list(kept.items())[1:]:
            assert_exact(found[name], cell)


def assert_exact(column: Column, cell: str) -> None:
    if isinstance(column, Numbers):
        [number] = column.values.tolist()
        assert np.isnan(number) if cell.lower() in ("", "nan") else number == float(decimal(cell)), cell
        if cell.lstrip("+-").isdigit():
            assert int(number) == int(cell), cell
    elif isinstance(column, Categories):
        parts = sorted({part for part in cell.split("|") if part})
        assert column.values.tolist() == parts or len(cell) > 128, cell
    else:
        assert isinstance(column, Words) and cell.count(" ") > 3


INTEGERS = [f"{sign}int{bits}" for bits in (8, 16, 32, 64) for sign in ("", "u")]


@pytest.mark.parametrize("kind", INTEGERS)
@pytest.mark.parametrize("gap", [False, True], ids=["whole", "with gaps"])
def test_integers_of_every_width_are_exact_as_attributes_and_as_ids(
    kind: str, gap: bool, tmp_path: Path
) -> None:
    bounds = np.iinfo(kind)
    values = [bounds.min, bounds.min + 1, bounds.max - 1, bounds.max]
    rows = {"N": pyarrow.array([*values, *([None] * gap)], kind)}
    rows["ITEM_ID"] = pyarrow.array(range(len(rows["N"])))
    parquet.write_table(pyarrow.table(rows), tmp_path / "items.parquet")
    column = read_metadata(tmp_path / "items.parquet", "ITEM_ID").columns["N"]
    if isinstance(column, Numbers):
        assert [int(value) for value in column.values[:4]] == values
    else:
        assert isinstance(column, Categories)
        assert sorted(map(int, column.values)) == values
    typed = pyarrow.array(values, kind)
    ids = {"USER_ID": typed, "ITEM_ID": typed, "TIMESTAMP": [NOW] * 4}
    parquet.write_table(pyarrow.table(ids), tmp_path / "events.parquet")
    events, _ = read_events(tmp_path / "events.parquet", clock=clock)
    assert sorted(map(int, events.item_ids)) == sorted(map(int, events.user_ids)) == values


def test_neighbouring_numbers_of_64_bits_are_different_values(tmp_path: Path) -> None:
    shops = [1_234_567_890_123_456_789, 1_234_567_890_123_456_790, 1_234_567_890_123_456_789]
    path = written(tmp_path / "items.csv", {"ITEM_ID": ["a", "b", "c"], "SHOP": list(map(str, shops))})
    column = read_metadata(path, "ITEM_ID").columns["SHOP"]
    assert isinstance(column, Categories)
    assert [int(column.values[code]) for code in column.codes.items] == shops


def test_numbers_at_the_bounds_of_floats_can_be_trained_on(tmp_path: Path) -> None:
    numbers = ["1.7e308", "-1.7e308", "5e-324", "0", "1e300", "", "1.5", "-2"]
    ids = [f"i{at}" for at in range(len(numbers))]
    items = written(tmp_path / "items.csv", {"ITEM_ID": ids, "N": numbers})
    rows = {"USER_ID": ids, "ITEM_ID": ids, "TIMESTAMP": [str(NOW)] * len(ids)}
    model = content.fit(
        load(written(tmp_path / "events.csv", rows), items=items, clock=clock), content.ContentConfig()
    )
    assert np.isfinite(model.scorer.similar(np.arange(len(ids), dtype=np.int32))).all()
