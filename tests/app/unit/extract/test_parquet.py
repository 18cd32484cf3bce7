"""Parquet files in the data bucket, written by Arrow: the same rows as a query would answer with."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from config.schema import DatasetType, FileFormat
from operations.checking import telling
from operations.checking.looking import Settings, check_use_case
from pipeline.errors import DatasetRejected, FileMissing, FileUnreadable, StorageFailed
from pipeline.extract.database import Database
from pipeline.extract.extract import Extract, Extracted, extract_dataset
from pipeline.extract.schema import DatasetSchema
from pipeline.storage import Bucket
from pipeline.uploads.parquet import ParquetFile
from tests.app.support.checked_shop import shop
from tests.app.support.extraction import (
    INTERACTIONS,
    ITEMS,
    KEY,
    NOW,
    content,
    extracted,
    interactions,
    items,
)

FILE = "uploads/posts/interactions.parquet"
TIMES = [1_699_000_000 + i for i in range(1, 1201)]
ROWS: dict[str, Any] = {
    "USER_ID": [str(i % 100) for i in range(1, 1201)],
    "ITEM_ID": [str(i % 37) for i in range(1, 1201)],
    "EVENT_TYPE": ["like"] * 1200,
    "TIMESTAMP": TIMES,
}


@pytest.fixture
def put(bucket: Bucket) -> Any:
    def write(table: Any) -> None:
        body = io.BytesIO()
        pq.write_table(pa.table(table), body)
        bucket.client.put_object(Bucket=bucket.name, Key=FILE, Body=body.getvalue())

    return write


@pytest.fixture
def extract_file(bucket: Bucket) -> Any:
    def run(schema: DatasetSchema = INTERACTIONS) -> Extracted:
        work = Extract(
            use_case="posts", run="20231114T221320000", schema=schema, source=ParquetFile(bucket, FILE)
        )
        return extract_dataset(work, bucket, clock=lambda: NOW)

    return run


def test_a_parquet_file_arrives_as_the_same_rows_of_a_query_would(
    extract: Any, extract_file: Any, put: Any, bucket: Bucket
) -> None:
    of_query = extract(interactions())
    as_query = content(bucket, of_query["key"])
    put(ROWS)

    of_file = extract_file()

    assert of_file == of_query
    assert content(bucket, KEY) == as_query


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(pa.array(TIMES, pa.int32()), id="int32"),
        pytest.param(pa.array([float(time) for time in TIMES]), id="double, as pandas makes of missing ones"),
        pytest.param(pa.array([time * 1000 for time in TIMES], pa.timestamp("ms")), id="milliseconds"),
        pytest.param(pa.array([time * 10**9 for time in TIMES], pa.timestamp("ns")), id="nanoseconds"),
        pytest.param(
            pa.array([dt.datetime.fromtimestamp(time, dt.UTC) for time in TIMES], pa.timestamp("us", "UTC")),
            id="with a time zone",
        ),
    ],
)
def test_times_of_any_type_become_seconds(
    extract: Any, extract_file: Any, put: Any, bucket: Bucket, times: Any
) -> None:
    as_query = content(bucket, extract(interactions())["key"])
    put({**ROWS, "TIMESTAMP": times})

    extract_file()

    assert content(bucket, KEY) == as_query


def test_columns_are_found_by_name_numbers_are_ids_too_and_others_are_passed_over(
    extract: Any, extract_file: Any, put: Any, bucket: Bucket
) -> None:
    as_query = content(bucket, extract(interactions())["key"])
    names = [*reversed(ROWS), "MORE"]
    table = {**ROWS, "USER_ID": [int(user) for user in ROWS["USER_ID"]], "MORE": [{"a": 1}] * 1200}
    put({name: table[name] for name in names})

    extract_file()

    assert content(bucket, KEY) == as_query


def test_texts_are_quoted_as_postgresql_quotes_them(
    extract: Any, extract_file: Any, put: Any, bucket: Bucket
) -> None:
    texts = ['say "hi", \\ and, more', "", None, "NULL", "ä|ö"]
    values = [f"('{i}', {_sql(text)}, {i}, {i}.5)" for i, text in enumerate(texts)]
    as_query = content(bucket, extract(items(*values), ITEMS)["key"])
    put(
        {
            "ITEM_ID": [str(i) for i in range(5)],
            "TITLE": texts,
            "LEVEL": [float(i) for i in range(5)],
            "PRICE": [i + 0.5 for i in range(5)],
        }
    )

    answer = extract_file(ITEMS)

    assert _read(content(bucket, answer["key"])) == _read(as_query)


def test_lists_are_joined_and_what_is_no_number_is_nothing(
    extract_file: Any, put: Any, bucket: Bucket
) -> None:
    put(
        {
            "ITEM_ID": ["a", "b", "c"],
            "TITLE": [["x", "y"], [], None],
            "LEVEL": [1.0, float("nan"), None],
            "PRICE": pa.array([float("nan"), 2.0, None], pa.float32()),
        }
    )

    answer = extract_file(ITEMS)

    assert _read(content(bucket, answer["key"]))[1:] == [
        ["a", "x|y", "1", ""],
        ["b", "", "", "2.0"],
        ["c", "", "", ""],
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"USER_ID": None, "USER": ROWS["USER_ID"]}, "missing USER_ID and unexpected USER"),
        ({"TIMESTAMP": [time * 1000 for time in TIMES]}, "milliseconds instead of seconds"),
        ({"TIMESTAMP": [time + 0.5 for time in TIMES]}, "TIMESTAMP"),
    ],
)
def test_a_file_of_other_columns_or_values_is_refused(
    extract_file: Any, put: Any, bucket: Bucket, change: dict[str, Any], message: str
) -> None:
    put({name: values for name, values in {**ROWS, **change}.items() if values is not None})

    with pytest.raises(DatasetRejected, match=message):
        extract_file()

    assert not extracted(bucket)


def test_columns_that_cannot_become_text_are_all_told(extract_file: Any, put: Any) -> None:
    put({**ROWS, "USER_ID": [b"a"] * 1200, "ITEM_ID": [{"a": 1}] * 1200})

    with pytest.raises(FileUnreadable, match="USER_ID is BLOB, ITEM_ID is STRUCT"):
        extract_file()


@pytest.mark.parametrize("body", [b"", b"USER_ID,ITEM_ID\n1,2\n", b"PAR1 but no more"])
def test_what_is_no_parquet_is_refused_with_its_place(extract_file: Any, bucket: Bucket, body: bytes) -> None:
    bucket.client.put_object(Bucket=bucket.name, Key=FILE, Body=body)

    with pytest.raises(FileUnreadable, match=rf"s3://{bucket.name}/{FILE} cannot be read as Parquet: "):
        extract_file()


def test_a_missing_file_is_told_with_place_and_columns(extract_file: Any, bucket: Bucket) -> None:
    with pytest.raises(FileMissing, match=rf"{FILE}: put the interactions there, as Parquet with .*USER_ID"):
        extract_file()


def test_a_file_that_takes_too_long_is_given_up(put: Any, bucket: Bucket) -> None:
    put(ROWS)

    async def stuck(_: bytearray) -> None:
        await asyncio.sleep(60)

    with pytest.raises(StorageFailed, match="not done after 0 s"):
        asyncio.run(ParquetFile(bucket, FILE).stream(INTERACTIONS, stuck, seconds=0.2))


@pytest.mark.parametrize("files", [["items"], ["interactions", "items"]])
def test_of_a_use_case_with_files_the_queries_are_checked_and_the_files_are_said(
    tmp_path: Path, database: Database, files: list[str]
) -> None:
    good = shop(tmp_path)
    read: dict[str, Any] = {
        name: replace(good.datasets[DatasetType(name)], sql=None, file=FileFormat.PARQUET) for name in files
    }

    found = check_use_case(replace(good, **read), database, Settings(now=NOW, seconds=60))

    assert not found.is_refused
    assert [*(looked.dataset for looked in found.datasets), *sorted(files)] == (
        ["interactions", "items"] if len(files) == 1 else files
    )
    told = telling.text([found])
    assert all(
        f"{name} come from a file, which a run looks at, or `--files FOLDER`" in told for name in files
    )
    assert told.endswith(f"a run would take what was looked at; {len(files)} warning(s); nothing was written")


def _sql(text: str | None) -> str:
    if text is None:
        return "NULL"
    quoted = text.replace("'", "''")
    return f"'{quoted}'"


def _read(text: bytes) -> list[list[str]]:
    return list(
        csv.reader(io.StringIO(text.decode(), newline=""), doublequote=False, escapechar="\\", strict=True)
    )
