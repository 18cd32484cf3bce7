"""`engine look` takes files as people have them, says what it took for what, and loses nothing silently."""

import csv
import json
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.main import main
from engine.data.loading import read_events, read_metadata
from engine.first_look.converting import converted
from engine.first_look.files import found
from engine.first_look.times import seconds_of
from engine.ground.errors import DataError

START = 1_750_000_000
NOW = 1_790_000_000.0


def written(path: Path, rows: Sequence[Sequence[object]], separator: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two tastes, in words that nobody has told the engine: buyer, sku, seen at; semicolons; local dates."""
    folder = tmp_path_factory.mktemp("shop")
    rng = np.random.default_rng(3)
    rows: list[Sequence[object]] = [("Customer", "SKU", "created_at", "kind")]
    for person in range(120):
        for place, thing in enumerate(rng.choice(15, 9, replace=False).tolist()):
            at = datetime.fromtimestamp(START + place * 3600 + person, UTC).replace(tzinfo=None)
            rows.append((f"c{person}", f"p{thing + 15 * (person % 2)}", at.isoformat(" "), "buy"))
    rows.append(("", "p1", "2025-06-01", "buy"))
    written(folder / "orders.csv", rows, ";")
    written(
        folder / "products.csv",
        [("id", "Product name", "price"), *((f"p{n}", f"Thing {n}", n) for n in range(30))],
    )
    return folder


@pytest.fixture(scope="module")
def looked(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is printed for programs is in `told.json` there."""
    output = tmp_path_factory.mktemp("looked")
    with (output / "told.json").open("w", encoding="utf-8") as told, redirect_stdout(told):
        assert main(["look", str(shop), "--output", str(output), "--json"]) == 0
    return output


def test_it_says_what_it_took_for_what_and_what_it_left_out(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["look", str(shop), "--output", str(tmp_path)]) == 0

    told = capsys.readouterr().out
    for words in (
        "1,080 events of 120 people with 30 items, 2025-06-15 to 2025-06-15",
        "USER_ID: Customer", "ITEM_ID: SKU", "TIMESTAMP: created_at", "EVENT_TYPE: kind", "ITEM_ID: id",
        "left out: 1 rows with no Customer", "(UTC, if without a zone)", "better beyond luck", "Like Thing",
    ):  # fmt: skip
        assert words in told, told
    assert max(map(len, told[: told.index("Lists, ")].splitlines())) <= 120


def test_everybody_gets_what_their_kind_likes(looked: Path) -> None:
    with (looked / "lists.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    first = [row for row in rows if int(row["RANK"]) <= 3]

    assert {row["USER_ID"] for row in rows} == {f"c{person}" for person in range(120)}
    own = [(int(row["ITEM_ID"][1:]) >= 15) == (int(row["USER_ID"][1:]) % 2 == 1) for row in first]
    assert np.mean(own) > 0.95
    assert (looked / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_programs_get_all_of_it_as_json(looked: Path) -> None:
    told = json.loads((looked / "told.json").read_text(encoding="utf-8"))

    taken = told["files"]["interactions"]
    assert (taken["columns"]["USER_ID"], taken["rows"], taken["left_out"]) == (
        "Customer",
        1080,
        {"no Customer": 1},
    )
    assert (told["setting"]["people"], told["repeated"], told["own_items"]) == (120, 0.0, False)
    assert [one["name"] for one in told["models"]] == ["hybrid", "popularity"]
    [gap] = told["differences"]
    assert gap["better"] == "hybrid" and gap["low"] > 0
    assert told["people"] and all(len(one["list"]) == 5 for one in told["items"])
    assert {Path(path).name for path in told["written"].values()} == {"lists.csv", "report.html", "model"}


def test_the_model_that_it_leaves_answers(looked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["recommend", "--model", str(looked / "model"), "c1", "-n", "2"]) == 0
    assert capsys.readouterr().out.startswith("c1: p")


def test_parquet_is_taken_as_csv_is(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    moments = [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC), None]
    table = pa.table({"visitor": [17, 18, None], "article": ["a", "b", "c"], "at": moments})
    parquet.write_table(table, tmp_path / "clicks.parquet")

    taken = converted("interactions", tmp_path / "clicks.parquet", tmp_path, {}, now=NOW)

    events, _ = read_events(taken.path)
    assert events.user_ids.tolist() == ["17", "18"]
    assert events.times.tolist() == [int(moment.timestamp()) for moment in moments if moment]
    assert taken.left_out == {"no visitor": 1}


@pytest.mark.parametrize("unit", [1, 1_000, 1_000_000, 1_000_000_000])
@given(second=st.integers(631_152_000, int(NOW)))
def test_numbers_are_times_in_the_only_unit_that_makes_them_plausible(unit: int, second: int) -> None:
    found = seconds_of(second * unit, NOW)

    assert found is not None and found[0] == second


@given(
    moment=st.datetimes(datetime(1990, 1, 2), datetime(2026, 9, 1)),
    zone=st.sampled_from(["", "Z", "+02:00"]),
)
def test_dates_are_iso_8601_and_without_a_zone_utc(moment: datetime, zone: str) -> None:
    found = seconds_of(moment.isoformat() + zone, NOW)

    expected = moment.replace(tzinfo=UTC).timestamp() - (7200 if zone == "+02:00" else 0)
    assert found is not None
    assert found[0] == pytest.approx(expected, abs=1e-3) and found[1] == "dates"


@pytest.mark.parametrize(
    "text", ["yesterday", "12/31/2025", "0", "631151999", "1790086401", "2026-09-30", "inf", "nan", ""]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert seconds_of(text, NOW) is None


@given(
    cells=st.lists(
        st.tuples(
            *[st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=6)] * 2
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_an_id_is_made_of_arrives(
    cells: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("ids")
    wanted = {(user.strip(), item.strip()) for user, item in cells if user.strip() and item.strip()}
    rows = [(user, item, START) for user, item in cells]
    file = written(folder / "events.csv", [("user", "item", "time"), *rows])
    if not wanted:
        with pytest.raises(DataError, match="has no rows that count"):
            converted("interactions", file, folder, {}, now=NOW)
        return

    events, _ = read_events(converted("interactions", file, folder, {}, now=NOW).path)

    names = {
        (str(events.user_ids[u]), str(events.item_ids[i]))
        for u, i in zip(events.users, events.items, strict=True)
    }
    assert names == {
        tuple(text[:-2] if text[-2:] == ".0" and text[:-2].lstrip("-").isdigit() else text for text in pair)
        for pair in wanted
    }


def test_a_part_of_the_people_is_taken_whole(tmp_path: Path) -> None:
    rows = [(f"u{n % 500}", f"i{n % 7}", START + n) for n in range(5_000)]
    file = written(tmp_path / "events.csv", [("user", "item", "time"), *rows])

    taken = converted("interactions", file, tmp_path, {}, now=NOW, most=1_000)

    events, _ = read_events(taken.path)
    assert 500 < len(events) < 1_700
    assert set(np.bincount(events.users).tolist()) == {10}
    assert taken.share == pytest.approx(0.2, rel=0.05)


BAD: dict[str, tuple[dict[str, Sequence[Sequence[object]]], tuple[str, ...], tuple[str, ...]]] = {
    "no file": ({}, (), ("which file", "--interactions")),
    "two files of events": ({"events": [], "orders": []}, (), ("events.csv, orders.csv", "--interactions")),
    "a file that is not there": ({"events": []}, ("--items", "nope.csv"), ("there is no file", "nope.csv")),
    "no column of people": (
        {"events": [("whom", "item", "time"), ("a", "b", START)]}, (),
        ("USER_ID", "--column", "whom, item, time"),
    ),
    "a column that is not there": (
        {"events": [("user", "item", "time"), ("a", "b", START)]}, 
        ("--column", "ITEM_ID=thing"), ("'thing'", "ITEM_ID"),
    ),
    "an unknown meaning": (
        {"events": [("user", "item", "time")]}, ("--column", "WHO=user"), ("WHO=user", "USER_ID"),
    ),
    "times that are none": (
        {"events": [("user", "item", "time"), ("a", "b", "31.12.2025"), ("a", "c", START)]}, (),
        ("1 rows", "line 2", "31.12.2025", "ISO 8601"),
    ),
    "a row that is too short": (
        {"events": [("user", "item", "time"), ("a", "b", START), ("a", "b")]}, (), ("line 3 has 2 cells",),
    ),
    "nothing but a header": ({"events": [("user", "item", "time")]}, (), ("has no rows that count",)),
    "an empty file": ({"events": []}, (), ("is empty",)),
    "problems of two files": (
        {"events": [("user", "item", "time"), ("a", "b", "soon")], "items": [("weight",), (3,)]}, (),
        ("soon", "items.csv", "ITEM_ID"),
    ),
    "too little to hold anything back": (
        {"events": [("user", "item", "time"), ("a", "b", START)]}, (), ("error: ",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_taken_is_said_with_its_place_and_a_remedy(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, arguments, words = BAD[case]
    folder = tmp_path / "own"
    folder.mkdir()
    for name, rows in files.items():
        written(folder / f"{name}.csv", rows)

    assert main(["look", str(folder), "--output", str(tmp_path / "out"), *arguments]) == 1

    told = capsys.readouterr().err
    assert [word for word in words if word not in told] == []
    assert not (tmp_path / "out").exists()


def test_rows_of_items_count_once(tmp_path: Path) -> None:
    file = written(tmp_path / "goods.csv", [("sku", "colour"), ("a", "red"), ("a", "blue"), ("b", "")])

    taken = converted("items", file, tmp_path, {}, now=NOW)

    assert read_metadata(taken.path, "ITEM_ID").ids.tolist() == ["a", "b"]
    assert taken.left_out == {"a sku that was there before": 1}


def test_the_only_file_has_the_events(tmp_path: Path) -> None:
    written(tmp_path / "whatever.csv", [("user", "item", "time")])

    assert found(tmp_path, {}).interactions.name == "whatever.csv"
    assert found(tmp_path / "whatever.csv", {}).interactions.name == "whatever.csv"


def test_lists_may_hold_what_people_come_back_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(f"u{n % 30}", f"i{n % 30 % 6 + n // 30 % 2}", START + n) for n in range(600)]
    written(tmp_path / "events.csv", [("user", "item", "time"), *rows])

    assert main(["look", str(tmp_path), "--output", str(tmp_path / "out")]) == 0

    assert "lists may hold what people have" in capsys.readouterr().out
