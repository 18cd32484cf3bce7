"""Extraction from a real PostgreSQL to S3: what arrives, and what is refused for its rows."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import Any

import pytest

from pipeline.errors import DatasetRejected
from pipeline.storage import Bucket
from tests.app.support.extraction import ITEMS, KEY, content, extracted, interactions, items


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
        "eventTypes": {"like": 1200},
    }
    manifest = json.loads(content(bucket, KEY.replace(".csv", ".manifest.json")))
    assert manifest["query"] == query
    assert manifest["run"] == "20231114T221320000"
    assert manifest["columns"] == ["USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"]
    assert {name: manifest[name] for name in ("rows", "users", "items", "contentHash", "eventTypes")} == {
        name: result[name] for name in ("rows", "users", "items", "contentHash", "eventTypes")
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
    assert extracted(bucket) == []


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
    assert extracted(bucket) == []


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
    assert len(message) < 1500
    assert (refused.value.rows, refused.value.rejected) == (900, 900)


def test_an_earlier_good_object_survives_a_refused_dataset(extract: Any, bucket: Bucket) -> None:
    extract(interactions())
    before = content(bucket, KEY)

    with pytest.raises(DatasetRejected):
        extract(interactions(999))

    assert content(bucket, KEY) == before
