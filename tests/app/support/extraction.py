"""Datasets to extract, queries for them, and what lies in the bucket afterwards."""

from __future__ import annotations

from pipeline.columns import Column
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


def stored(bucket: Bucket) -> list[str]:
    return [o["Key"] for o in bucket.client.list_objects_v2(Bucket=bucket.name).get("Contents", [])]


def extracted(bucket: Bucket) -> list[str]:
    """Datasets that could be imported."""
    return [key for key in stored(bucket) if key.startswith("datasets/") and key.endswith(".csv")]


def content(bucket: Bucket, key: str) -> bytes:
    body: bytes = bucket.client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
    return body
