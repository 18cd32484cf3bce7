"""Extraction from a real PostgreSQL to S3: what arrives, and what is refused by which name."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.columns import Column
from pipeline.errors import DatabaseUnavailable, DatasetRejected, QueryFailed, StorageFailed
from pipeline.extract.database import Database
from pipeline.extract.extract import Extract, Extracted, extract_dataset
from pipeline.extract.schema import DatasetSchema
from pipeline.storage import Bucket

NOW = 1_700_000_000.0
KEY = "datasets/posts/20231114T221320000/interactions.csv"
INTERACTIONS = DatasetSchema(
    "interactions",
    (
        Column("USER_ID", "string"),
        Column("ITEM_ID", "string"),
        Column("EVENT_TYPE", "string"),
        Column("TIMESTAMP", "long"),
    ),
)
ITEMS = DatasetSchema(
    "items",
    (
        Column("ITEM_ID", "string"),
        Column("TITLE", "string", nullable=True, textual=True),
        Column("LEVEL", "int", nullable=True),
        Column("PRICE", "double", nullable=True),
    ),
)


def interactions(
    rows: int = 1200, *, user: str = "i % 100", item: str = "i % 37", time: str = "1699000000 + i"
) -> str:
    return f"""SELECT {user} AS "USER_ID", {item} AS "ITEM_ID", 'like' AS "EVENT_TYPE", {time} AS "TIMESTAMP"
        FROM generate_series(1, {rows}) AS i"""


def items(*rows: str) -> str:
    return f"""SELECT * FROM (VALUES {", ".join(rows)}) AS i("ITEM_ID", "TITLE", "LEVEL", "PRICE")"""


@pytest.fixture
def extract(database: Database, bucket: Bucket) -> Any:
    def run(query: str, schema: DatasetSchema = INTERACTIONS, **changes: Any) -> Extracted:
        work = Extract(use_case="posts", run="20231114T221320000", schema=schema, query=query)
        work = replace(work, **{k: v for k, v in changes.items() if k == "seconds"})
        return extract_dataset(work, changes.get("database", database), bucket, clock=lambda: NOW)

    return run


def stored(bucket: Bucket) -> list[str]:
    return [o["Key"] for o in bucket.client.list_objects_v2(Bucket=bucket.name).get("Contents", [])]


def content(bucket: Bucket, key: str) -> bytes:
    body: bytes = bucket.client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    return body


def test_a_good_dataset_arrives_with_its_figures_and_a_manifest(extract: Any, bucket: Bucket) -> None:
    query = interactions()

    result = extract(query)

    text = content(bucket, KEY)
    assert text.startswith(b"USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n1,1,like,1699000001\n")
    assert result == {
        "dataset": "interactions",
        "key": KEY,
        "location": f"s3://{bucket.name}/{KEY}",
        "rows": 1200,
        "users": 100,
        "items": 37,
        "newestTimestamp": 1_699_001_200,
        "contentHash": hashlib.sha256(text).hexdigest(),
        "seconds": 0.0,
    }
    manifest = json.loads(content(bucket, KEY.replace(".csv", ".manifest.json")))
    assert manifest["query"] == query
    assert manifest["run"] == "20231114T221320000"
    assert manifest["columns"] == ["USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"]
    assert {name: manifest[name] for name in ("rows", "users", "items", "contentHash")} == {
        name: result[name] for name in ("rows", "users", "items", "contentHash")
    }


def test_the_same_data_has_the_same_hash_and_other_data_another(extract: Any) -> None:
    first, again, other = (extract(interactions(rows)) for rows in (1200, 1200, 1201))

    assert first["contentHash"] == again["contentHash"] != other["contentHash"]


def test_text_keeps_its_commas_quotes_backslashes_and_foreign_letters(extract: Any, bucket: Bucket) -> None:
    titles = [
        "plain",
        "with, comma",
        'say "hi"',
        "back\\slash",
        'both \\" of\\',
        "日本語, ünï",
        "",
        "\\N",
        "\\.",
    ]
    values = [f"('{n}', $t${title}$t$, {n}, {n}.5)" for n, title in enumerate(titles)]

    result = extract(items(*values, "('last', NULL, NULL, NULL)"), ITEMS)

    text = content(bucket, result["key"]).decode()
    rows = list(csv.reader(io.StringIO(text), doublequote=False, escapechar="\\", strict=True))
    assert [row[1] for row in rows[1:]] == [*titles, ""]
    assert text.endswith("last,,,\n")
    assert (result["rows"], result["users"], result["items"]) == (10, None, 10)


def test_a_large_dataset_is_uploaded_in_parts_and_stays_whole(extract: Any, bucket: Bucket) -> None:
    result = extract(interactions(250_000, user="md5((i % 90000)::text)", item="i % 5000"))

    text = content(bucket, KEY)
    assert len(text) > (8 << 20)
    assert text.count(b"\n") == 250_001
    assert (result["rows"], result["users"], result["items"]) == (250_000, 90_000, 5000)
    assert result["contentHash"] == hashlib.sha256(text).hexdigest()


def test_a_query_may_end_in_a_semicolon_or_a_comment(extract: Any) -> None:
    assert extract(interactions() + ";\n")["rows"] == 1200
    assert extract(interactions() + "\n-- the end")["rows"] == 1200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (interactions(999), ["only 999 interactions, at least 1,000"]),
        (
            interactions(user="CASE WHEN i <= 48 THEN i % 24 ELSE i END"),
            ["only 24 users with 2 or more", "at least 25"],
        ),
        (interactions(time="(1699990000 + i) * 1000::bigint"), ["milliseconds", "1,200 rows", "line 2"]),
        (
            interactions(time="CASE i WHEN 7 THEN 1 ELSE 1699990000 + i END"),
            ["implausible time", "line 8 (1)"],
        ),
        (
            interactions(time="CASE i WHEN 7 THEN 1700086401 ELSE 1699990000 END"),
            ["implausible time", "1 row"],
        ),
        (interactions(time="CASE i WHEN 7 THEN 'noon' ELSE '1699990000' END"), ["not an integer", "line 8"]),
        (interactions(item="nullif(i % 37, 3)"), ["missing value in ITEM_ID: 33 rows", "line 4"]),
        (interactions(item="CASE i WHEN 5 THEN '' ELSE 'x' END"), ["missing value in ITEM_ID: 1 row"]),
        (
            interactions(user="repeat('ü', 256 + (i = 3)::int)"),
            ["longer than 256 characters", "line 4 (üüüü…)"],
        ),
        (interactions(item="CASE i WHEN 3 THEN E'a\\nb' ELSE 'x' END"), ["line break in ITEM_ID", "line 4"]),
        (interactions(item="CASE i WHEN 3 THEN E'a\\rb' ELSE 'x' END"), ["line break in ITEM_ID", "line 4"]),
        (
            interactions(item="CASE i WHEN 3 THEN 'a\\b' ELSE 'x' END"),
            ["backslash outside quotes in ITEM_ID"],
        ),
        ('SELECT 1 AS "USER_ID", 2 AS "ITEM_ID"', ["header", "missing EVENT_TYPE, TIMESTAMP"]),
        (interactions().replace("USER_ID", "user_id"), ["missing USER_ID and unexpected user_id"]),
        (
            """SELECT i AS "ITEM_ID", i AS "USER_ID", 'x' AS "EVENT_TYPE", 1 AS "TIMESTAMP"
               FROM generate_series(1, 5) AS i""",
            ["the order differs"],
        ),
        (interactions() + " LIMIT 0", ["only 0 interactions", "only 0 users"]),
    ],
)
def test_interactions_that_break_a_rule_are_refused_whole(
    extract: Any, bucket: Bucket, query: str, words: list[str]
) -> None:
    with pytest.raises(DatasetRejected) as refused:
        extract(query)

    for word in words:
        assert word in str(refused.value)
    assert stored(bucket) == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            ("('a', 'x', 1, 1)", "('b', 'x', 1, 1)", "('a', 'x', 1, 1)"),
            ["repeated id in ITEM_ID: 1 row", "repeats line 2"],
        ),
        (("('a', 'x', 3000000000, 1)",), ["not a 32-bit integer in LEVEL"]),
        (("('a', 'x', 1, 'NaN'::float8)",), ["not a number in PRICE"]),
        (("('a', repeat('x', 20001), 1, 1)",), ["longer than 20,000 characters in TITLE"]),
        (
            ("('a', E'two\\nlines', 1, 1)", "('b', 'x', 'much', 1)"),
            ["line break in TITLE: 1 row, first line 2"],
        ),
    ],
)
def test_items_that_break_a_rule_are_refused_whole(
    extract: Any, bucket: Bucket, rows: tuple[str, ...], words: list[str]
) -> None:
    if "much" in rows[-1]:
        rows = tuple(row.replace(", 1, 1)", ", '1', 1)") for row in rows)
        words = [*words, "not a 32-bit integer in LEVEL: 1 row, first line 4"]

    with pytest.raises(DatasetRejected) as refused:
        extract(items(*rows), ITEMS)

    for word in words:
        assert word in str(refused.value)
    assert stored(bucket) == []


def test_a_dataset_without_rows_is_refused(extract: Any) -> None:
    with pytest.raises(DatasetRejected, match="no rows"):
        extract(items("('a', 'x', 1, 1)") + " WHERE false", ITEMS)


def test_all_broken_rules_are_told_at_once_with_few_rows_each_and_no_whole_id(extract: Any) -> None:
    query = interactions(900, user="'person-' || i", item="nullif(i % 2, 1)", time="i")
    query = query.replace("'person-' || i", "repeat('person-' || i, 40)")

    with pytest.raises(DatasetRejected) as refused:
        extract(query)

    message = str(refused.value)
    for rule in (
        "missing value in ITEM_ID: 450 rows",
        "implausible time",
        "longer than 256",
        "only 900",
        "only 0 users",
    ):
        assert rule in message
    assert "(pers…)" in message
    assert "person-1" not in message
    assert len(message) < 1000
    assert (refused.value.rows, refused.value.rejected) == (900, 900)


def test_an_earlier_good_object_survives_a_refused_dataset(extract: Any, bucket: Bucket) -> None:
    extract(interactions())
    before = content(bucket, KEY)

    with pytest.raises(DatasetRejected):
        extract(interactions(999))

    assert content(bucket, KEY) == before


def test_a_wrong_query_is_told_with_its_state_its_message_and_the_place(extract: Any, bucket: Bucket) -> None:
    with pytest.raises(
        QueryFailed, match=r'SQLSTATE 42703: column "nme" does not exist \(line 2, column 8\)'
    ):
        extract("SELECT 1 AS a,\n       nme FROM (SELECT 1 AS name) AS people")

    assert stored(bucket) == []


def test_a_query_that_fails_on_its_way_leaves_nothing(extract: Any, bucket: Bucket) -> None:
    with pytest.raises(QueryFailed, match="SQLSTATE 22012: division by zero"):
        extract(interactions(120_000, user="md5(i::text) || 1 / (i - 100000)"))

    assert stored(bucket) == []


def test_a_query_that_would_write_is_refused(extract: Any) -> None:
    with pytest.raises(QueryFailed, match="SQLSTATE 25006"):
        extract(
            "SELECT nextval('numbers'), set_config('a.b', 'c', false)".replace(
                "nextval('numbers')", "lo_create(0)"
            )
        )


def test_a_query_that_takes_too_long_is_cancelled(extract: Any) -> None:
    with pytest.raises(QueryFailed, match="SQLSTATE 57014"):
        extract(interactions() + " , pg_sleep(5)", seconds=0.2)


def test_a_database_that_nobody_listens_at_is_unavailable(extract: Any, database: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match=r"127\.0\.0\.1:1/postgres"):
        extract(interactions(), database=replace(database, port=1))


def test_a_refused_login_is_unavailable_and_keeps_the_password_to_itself(
    extract: Any, database: Database
) -> None:
    with pytest.raises(DatabaseUnavailable, match="SQLSTATE 28P01") as refused:
        extract(interactions(), database=replace(database, password="not-the-password"))

    assert "not-the-password" not in str(refused.value) + repr(replace(database, password="not-the-password"))


def test_a_connection_that_breaks_midway_is_unavailable(extract: Any, bucket: Bucket) -> None:
    suicide = "CASE WHEN i = 100000 THEN pg_terminate_backend(pg_backend_pid())::int ELSE i % 1000 END"

    with pytest.raises(DatabaseUnavailable):
        extract(interactions(120_000, user=suicide))

    assert stored(bucket) == []


class _Failing:
    """An S3 client one operation of which is denied."""

    def __init__(self, client: Any, operation: str) -> None:
        self._client, self._operation = client, operation

    def __getattr__(self, name: str) -> Any:
        return self._denied if name == self._operation else getattr(self._client, name)

    def _denied(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, self._operation)


@pytest.mark.parametrize(
    ("operation", "rows"),
    [
        ("create_multipart_upload", 1200),
        ("upload_part", 180_000),
        ("complete_multipart_upload", 1200),
        ("put_object", 1200),
    ],
)
def test_denied_storage_is_told_with_its_code(
    database: Database, bucket: Bucket, operation: str, rows: int
) -> None:
    query = interactions(rows, user="md5((i % 1000)::text)")
    denied = Bucket(_Failing(bucket.client, operation), bucket.name)

    with pytest.raises(StorageFailed, match=r"s3://data-bucket/.*AccessDenied: Access Denied"):
        extract_dataset(
            Extract(use_case="posts", run="r", schema=INTERACTIONS, query=query),
            database,
            denied,
            clock=lambda: NOW,
        )


def test_the_database_is_found_by_its_secret(secrets: Any) -> None:
    text = {
        "host": "db",
        "port": "5432",
        "username": "me",
        "password": "pw",
        "dbname": "app",
        "engine": "postgres",
    }
    secrets.create_secret(Name="database", SecretString=json.dumps(text))

    found = Database.from_secret(secrets, "database", ssl="require")

    assert found == Database(host="db", port=5432, username="me", password="pw", dbname="app", ssl="require")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "secret database: .*ResourceNotFound"),
        ('{"host": "db"}', "lacks port, username"),
        ("db", "not JSON"),
    ],
)
def test_a_useless_secret_is_told_by_its_name(secrets: Any, text: str | None, message: str) -> None:
    if text is not None:
        secrets.create_secret(Name="database", SecretString=text)

    with pytest.raises(DatabaseUnavailable, match=message):
        Database.from_secret(secrets, "database", ssl="require")
