"""Data sets from files: Personalize's CSV dialect, typed metadata, clear refusals."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow
import pytest
from pyarrow import feather, parquet

from engine.data.loading import load, read_interactions, read_metadata
from engine.data.metadata import Categories, Metadata, Numbers, Words, categories, numbers, words
from engine.ground.errors import DataError


class Write(Protocol):
    def __call__(self, text: str, name: str = "data.csv") -> Path: ...


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(text: str, name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return put


def test_events_are_read_with_quotes_and_escapes(write: Write) -> None:
    data = read_interactions(write('user_id,ITEM_ID,TIMESTAMP\nu1,"a,1",1700000100\nu2,"b\\"c",1700000200\n'))
    assert data.user_ids.tolist() == ["u1", "u2"]
    assert data.item_ids.tolist() == ["a,1", 'b"c']
    assert data.times.tolist() == [1700000100, 1700000200]


def test_event_types_choose_and_weigh_events(write: Write) -> None:
    path = write(
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,a,1700000001,view\nu,b,1700000002,like\nu,c,1700000003,skip\n"
    )
    data = read_interactions(path, event_weights={"view": 1, "like": 4})
    assert dict(zip(data.item_ids.tolist(), data.weights.tolist(), strict=True)) == {"a": 1, "b": 4}


def test_events_below_the_least_value_or_without_one_are_left_out(write: Write) -> None:
    path = write(
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_VALUE\nu,a,1700000001,3\nu,b,1700000002,5\nu,c,1700000003,\n"
    )
    assert read_interactions(path, least_value=4).item_ids.tolist() == ["b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("USER_ID,ITEM_ID\nu,a\n", "no column TIMESTAMP"),
        ("", "no column USER_ID"),
        ("USER_ID,ITEM_ID,TIMESTAMP\nu,a\n", "2 cells instead of 3 in line 2"),
        ("USER_ID,ITEM_ID,TIMESTAMP\nu,a,1700000001\nu,b,\n", "no TIMESTAMP in line 3"),
        ("USER_ID,ITEM_ID,TIMESTAMP\nu,a,soon\n", "TIMESTAMP must be numbers"),
        ("USER_ID,ITEM_ID,TIMESTAMP\nu,,1700000001\n", "no ITEM_ID in line 2"),
        (
            "userId,ITEM_ID,TIMESTAMP\nu,a,1700000001\n",
            "no column USER_ID; it has USERID, ITEM_ID, TIMESTAMP",
        ),
        ("USER_ID,ITEM_ID,ITEM_ID,TIMESTAMP\nu,a,b,1\n", "ITEM_ID is there more than once"),
        ('USER_ID,ITEM_ID,TIMESTAMP\nu,a,1700000001\nu,"b,1700000002\n', "line 3: unexpected end of data"),
        ('USER_ID,ITEM_ID,TIMESTAMP\nu,"a"x,1700000001\n', "line 2: "),
        (
            f"USER_ID,ITEM_ID,TIMESTAMP\nu,{'a' * 257},1700000001\n",
            "ITEM_ID of more than 256 characters in line 2.*at most 256",
        ),
        (f"USER_ID,ITEM_ID,TIMESTAMP\nu,{'a' * 200_000},1\n", "line 2: field larger"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else None,
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(write: Write, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_interactions(write(text))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "data.csv").write_bytes("USER_ID,ITEM_ID,TIMESTAMP\nü,a,1700000001\n".encode(encoding))
    with pytest.raises(DataError, match=r"data\.csv: not UTF-8"):
        read_interactions(tmp_path / "data.csv")


def test_blank_lines_are_passed_over(write: Write) -> None:
    data = read_interactions(write("USER_ID,ITEM_ID,TIMESTAMP\nu,a,1700000001\n\nu,b,1700000002\n\n"))
    assert data.item_ids.tolist() == ["a", "b"]
    with pytest.raises(DataError, match="2 cells instead of 3 in line 4"):
        read_interactions(write("USER_ID,ITEM_ID,TIMESTAMP\nu,a,1700000001\n\nu,b\n"))


def test_event_types_that_do_not_occur_are_named_beside_those_that_do(write: Write) -> None:
    path = write("USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,a,1700000001,view\n")
    with pytest.raises(DataError, match="types buy; there are view"):
        read_interactions(path, event_weights={"buy": 1})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no file .*nowhere\.csv"):
        read_interactions(tmp_path / "nowhere.csv")


def test_parquet_says_what_it_needs_where_that_is_not_installed(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match="needs the package pyarrow"):
        read_interactions(write("", "data.parquet"))


def test_metadata_columns_get_their_type_from_their_cells(write: Write) -> None:
    path = write(
        "ITEM_ID,GENRE,YEAR,PLOT\n"
        "b,Drama|War,1999,a long story about two very old friends\n"
        "a,,,the story of a war that nobody wanted to end\n"
    )
    found = read_metadata(path, "ITEM_ID")
    assert found.ids.tolist() == ["a", "b"]
    genre, year, plot = (found.columns[name] for name in ("GENRE", "YEAR", "PLOT"))
    assert isinstance(genre, Categories) and isinstance(year, Numbers) and isinstance(plot, Words)
    assert genre.values.tolist() == ["Drama", "War"]
    assert genre.codes.lengths.tolist() == [0, 2]
    assert np.isnan(year.values[0]) and year.values[1] == 1999


def test_an_id_with_two_rows_of_metadata_is_refused() -> None:
    with pytest.raises(DataError, match="'a' has more than one row"):
        Metadata.of(["a", "a"], {"N": numbers(["1", "2"])})


def test_words_are_lower_case_counted_and_free_of_punctuation() -> None:
    found = words(["War and war.", ""])
    counts = dict(zip(found.values[found.codes.items].tolist(), found.codes.weights.tolist(), strict=True))
    assert counts == {"and": 1, "war": 2}
    assert found.codes.lengths.tolist() == [2, 0]


def test_metadata_is_aligned_to_the_ids_of_the_interactions(write: Write) -> None:
    events = write("USER_ID,ITEM_ID,TIMESTAMP\nu,a,1700000001\nu,c,1700000002\n", "events.csv")
    items = write("ITEM_ID,KIND\nb,x\na,y\n", "items.csv")
    data = load(events, items=items)
    assert data.interactions.item_ids.tolist() == ["a", "b", "c"]
    assert data.items is not None
    kind = data.items.columns["KIND"]
    assert isinstance(kind, Categories)
    assert kind.codes.lengths.tolist() == [1, 1, 0]
    assert kind.values[kind.codes.items].tolist() == ["y", "x"]


def test_metadata_of_nobody_has_no_columns(write: Write) -> None:
    events = write("USER_ID,ITEM_ID,TIMESTAMP\nu,a,1700000001\n", "events.csv")
    data = load(events, items=write("ITEM_ID,KIND\n", "items.csv"), users=write("USER_ID,AGE\n", "users.csv"))
    assert data.items is not None and data.users is not None
    assert (data.items.ids.tolist(), data.items.columns) == (["a"], {})
    assert (data.users.ids.tolist(), data.users.columns) == (["u"], {})


def test_metadata_of_an_empty_id_or_without_the_named_text_is_refused(write: Write) -> None:
    events, items = (
        write("USER_ID,ITEM_ID,TIMESTAMP\nu,a,1700000001\n", "events.csv"),
        write("ITEM_ID,KIND\n,x\n"),
    )
    with pytest.raises(DataError, match="no ITEM_ID in line 2"):
        load(events, items=items)
    with pytest.raises(DataError, match="called STORY, given as text"):
        load(events, items=write("ITEM_ID,KIND\na,x\n"), text=["KIND", "STORY"])


def test_cells_without_a_value_are_no_category() -> None:
    assert categories(["", "a|", "|"]).codes.lengths.tolist() == [0, 1, 0]


ROWS = {
    "user_id": ["u2", "u1", "u1"],
    "item_id": [7, 7, 8],
    "timestamp": [1700000200, 1700000100, 1700000300],
    "event_type": ["view", None, "like"],
    "event_value": [1.0, None, 4.5],
}


@pytest.mark.parametrize("suffix", ["parquet", "arrow", "feather"])
def test_parquet_and_arrow_give_what_the_same_csv_gives(tmp_path: Path, write: Write, suffix: str) -> None:
    path = tmp_path / f"events.{suffix}"
    table = pyarrow.table(ROWS)
    if suffix == "parquet":
        parquet.write_table(table, path)
    else:
        feather.write_feather(table, path)
    plain = write(
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu2,7,1700000200,view,1\nu1,7,1700000100,,\nu1,8,1700000300,like,4.5\n"
    )
    for options in ({}, {"event_weights": {"like": 2.0}}, {"least_value": 1.0}):
        got, wanted = read_interactions(path, **options), read_interactions(plain, **options)
        assert got.item_ids.tolist() == wanted.item_ids.tolist()
        assert got.user_ids[got.users].tolist() == wanted.user_ids[wanted.users].tolist()
        assert got.times.tolist() == wanted.times.tolist()
        assert got.weights.tolist() == wanted.weights.tolist()


def test_moments_lists_and_missing_values_of_parquet_are_understood(tmp_path: Path) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    parquet.write_table(
        pyarrow.table({"USER_ID": ["u"], "ITEM_ID": ["b"], "TIMESTAMP": [moment]}),
        tmp_path / "events.parquet",
    )
    rows = {"ITEM_ID": ["a", "b"], "TAGS": [["x", None, "y"], None], "YEAR": [None, 1999]}
    parquet.write_table(pyarrow.table(rows), tmp_path / "items.parquet")
    data = load(tmp_path / "events.parquet", items=tmp_path / "items.parquet")
    assert data.interactions.times.tolist() == [int(moment.timestamp())]
    assert data.items is not None
    tags, year = data.items.columns["TAGS"], data.items.columns["YEAR"]
    assert isinstance(tags, Categories) and isinstance(year, Numbers)
    assert tags.values.tolist() == ["x", "y"] and tags.codes.lengths.tolist() == [2, 0]
    assert np.isnan(year.values[0]) and year.values[1] == 1999


def test_a_file_that_only_has_the_name_of_parquet_is_refused(write: Write) -> None:
    with pytest.raises(DataError, match=r"not readable as \.parquet"):
        read_interactions(write("USER_ID,ITEM_ID,TIMESTAMP\n", "events.parquet"))


def test_a_missing_id_in_parquet_is_an_empty_one_and_refused(tmp_path: Path) -> None:
    rows = {"USER_ID": [None, "u"], "ITEM_ID": ["a", "b"], "TIMESTAMP": [1700000001, 1700000002]}
    parquet.write_table(pyarrow.table(rows), tmp_path / "events.parquet")
    with pytest.raises(DataError, match="no USER_ID in row 1"):
        read_interactions(tmp_path / "events.parquet")


def test_floating_point_numbers_are_no_ids(tmp_path: Path) -> None:
    rows = {"USER_ID": [1.0, None], "ITEM_ID": ["a", "b"], "TIMESTAMP": [1700000001, 1700000002]}
    parquet.write_table(pyarrow.table(rows), tmp_path / "events.PARQUET")
    with pytest.raises(DataError, match="USER_ID must be text or whole numbers"):
        read_interactions(tmp_path / "events.PARQUET")
