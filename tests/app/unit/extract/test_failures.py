"""Extractions that fail on their way: by which name, with which words, and that nothing is left behind."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.errors import DatabaseUnavailable, QueryFailed, StorageFailed
from pipeline.extract.database import Database
from pipeline.extract.extract import Extract, extract_dataset
from pipeline.extract.query import Query
from pipeline.storage import Bucket
from tests.app.support.extraction import INTERACTIONS, NOW, interactions, stored


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
            Extract(use_case="posts", run="r", schema=INTERACTIONS, source=Query(database, query)),
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


def test_reading_events_takes_time_from_the_query(database: Database, bucket: Bucket) -> None:
    slow = Query(database, interactions() + " , pg_sleep(5)")
    work = Extract(use_case="posts", run="20231114T221320000", schema=INTERACTIONS, source=slow, seconds=60.0)
    moments = iter([NOW])

    with pytest.raises(QueryFailed, match="SQLSTATE 57014"):
        extract_dataset(work, bucket, clock=lambda: next(moments, NOW + 59.8))


def test_whoever_prints_the_database_sees_no_password() -> None:
    database = Database(host="db", port=5432, username="reader", password="swordfish", dbname="app")

    assert "db" in repr(database) and "swordfish" not in repr(database)
    assert database.ssl == "require"
