"""Files of datasets are checked in a folder, before anything is deployed that they could be put into."""

from __future__ import annotations

import codecs
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.schema import Cap, FileFormat, UseCase
from operations.checking import command, telling
from operations.checking.looking import Checked, Settings, check_use_case
from operations.cli import main
from pipeline.extract.database import Database
from tests.app.support.checked_shop import shop
from tests.app.support.extraction import NOW

EVENTS: dict[str, Any] = {
    "USER_ID": [f"person-{i % 100}" for i in range(1200)],
    "ITEM_ID": [f"thing-{i % 37}" for i in range(1200)],
    "EVENT_TYPE": ["view" if i % 3 else "purchase" for i in range(1200)],
    "TIMESTAMP": [1_699_000_000 + i for i in range(1200)],
}
THINGS: dict[str, Any] = {
    "ITEM_ID": [f"thing-{i}" for i in range(37)],
    "CATEGORY": [f"category {i % 5}" for i in range(37)],
    "PRICE": [1.5] * 37,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "files"
    (place / "shop").mkdir(parents=True)
    put(place, "interactions", EVENTS)
    put(place, "items", THINGS)
    return place


def put(folder: Path, dataset: str, columns: dict[str, Any]) -> None:
    pq.write_table(pa.table(columns), folder / "shop" / f"{dataset}.parquet")


def of_files(folder: Path, ending: FileFormat = FileFormat.PARQUET) -> UseCase:
    good = shop(folder)
    assert good.items
    interactions = replace(good.interactions, sql=None, file=FileFormat.PARQUET)
    return replace(good, interactions=interactions, items=replace(good.items, sql=None, file=ending))


def checked(use_case: UseCase, folder: Path, database: Database | None = None) -> Checked:
    return check_use_case(use_case, database, Settings(now=NOW, seconds=60, files=folder))


def test_files_are_checked_as_queries_with_who_gets_a_list(tmp_path: Path, folder: Path) -> None:
    found = checked(of_files(tmp_path), folder)

    assert not found.is_refused and found.warnings == [] and found.files == []
    assert (found.own_rows, found.audience) == (400, 100)
    assert telling.text([found]).endswith("a run would take all of it; 0 warning(s); nothing was written")


def test_a_file_beside_a_query_may_lack_what_the_query_has(
    tmp_path: Path, folder: Path, database: Database
) -> None:
    use_case = of_files(tmp_path)
    put(folder, "items", {name: values[:30] for name, values in THINGS.items()})

    found = checked(replace(use_case, interactions=shop(tmp_path).interactions), folder, database)

    assert not found.is_refused
    assert "7 of 37 ITEM_IDs of the interactions are not among the items" in found.warnings[0]


def test_all_files_that_a_run_would_refuse_are_told_with_place_value_and_remedy(
    tmp_path: Path, folder: Path
) -> None:
    put(folder, "interactions", {**EVENTS, "EVENT_TYPE": ["Purchase"] * 1200})
    put(folder, "items", {name: values for name, values in THINGS.items() if name != "CATEGORY"})

    told = telling.text([checked(of_files(tmp_path), folder)])

    assert "unknown event type 'Purchase'" in told and "did you mean 'purchase'?" in told
    assert "instead of ITEM_ID,CATEGORY,PRICE: missing CATEGORY" in told
    assert "a run would be refused of: shop" in told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "items.parquet: put the items there, as Parquet with the columns ITEM_ID, CATEGORY, PRICE"),
        (b"ITEM_ID,CATEGORY,PRICE", "items.parquet cannot be read as Parquet"),
    ],
)
def test_a_file_that_is_not_there_or_no_parquet_is_told_with_its_place(
    tmp_path: Path, folder: Path, content: bytes | None, words: str
) -> None:
    file = folder / "shop" / "items.parquet"
    file.unlink()
    if content is not None:
        file.write_bytes(content)

    found = checked(of_files(tmp_path), folder)

    assert found.is_refused and found.warnings == [], "not that it lacks what the interactions have"
    assert str(folder) in telling.text([found]) and words in telling.text([found])


def test_the_mark_that_spreadsheets_put_before_a_csv_file_is_no_part_of_it(
    tmp_path: Path, folder: Path
) -> None:
    rows = "ITEM_ID,CATEGORY,PRICE\n" + "".join(f"thing-{i},category,1.5\n" for i in range(37))
    (folder / "shop" / "items.csv").write_bytes(codecs.BOM_UTF8 + rows.encode())

    found = checked(of_files(tmp_path, FileFormat.CSV), folder)

    assert not found.is_refused and found.warnings == []


def test_a_column_without_any_value_is_warned_of_with_its_cap(tmp_path: Path, folder: Path) -> None:
    use_case = of_files(tmp_path)
    assert use_case.items
    columns = tuple(replace(one, nullable=one.name == "CATEGORY") for one in use_case.items.columns)
    use_case = replace(
        use_case, items=replace(use_case.items, columns=columns), caps=(Cap(column="CATEGORY", most=2),)
    )
    put(folder, "items", {**THINGS, "CATEGORY": pa.nulls(37, pa.string())})

    found = checked(use_case, folder)

    assert not found.is_refused
    assert found.datasets[1].warnings == [
        "CATEGORY has no value in any row: there is nothing to learn from it, and the cap of it caps nothing"
    ]


def test_without_queries_no_database_is_asked_for(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(command, "USE_CASES", (of_files(tmp_path),))
    monkeypatch.setattr(command, "NOTIFICATIONS", ())

    assert main(["check", "--files", str(folder)]) == 0
    assert "a run would take all of it" in capsys.readouterr().out
    assert main(["check", "--files", str(folder / "nosuch")]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_parquet_is_said_to_need_what_is_not_installed(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "USE_CASES", (of_files(tmp_path),))
    monkeypatch.setattr(command, "NOTIFICATIONS", ())
    monkeypatch.delitem(sys.modules, "pipeline.uploads.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "duckdb", None)

    assert main(["check", "--files", str(folder)]) == 2
    assert "Parquet needs duckdb, which is not installed: pip install duckdb" in capsys.readouterr().err
