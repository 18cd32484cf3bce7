"""Files in the data bucket, for stages without a database: the same checks, the place of a missing one."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from pipeline.errors import DatasetRejected, FileMissing, StorageFailed
from pipeline.extract.extract import Extract, Extracted, extract_dataset
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.tracked import Tracked
from pipeline.storage import Bucket
from pipeline.uploads.uploaded import UploadedFile
from tests.app.support.extraction import (
    INTERACTIONS,
    ITEMS,
    KEY,
    NOW,
    content,
    extracted,
    interactions,
    stored,
)

FILE = "uploads/posts/interactions.csv"
HEADER = "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP"
ROWS = [f"{i % 100},{i % 37},like,{1_699_000_000 + i}" for i in range(1, 1201)]
TEXT = "\n".join([HEADER, *ROWS, ""])


@pytest.fixture
def put(bucket: Bucket) -> Any:
    def write(text: str | bytes, key: str = FILE) -> None:
        body = text if isinstance(text, bytes) else text.encode()
        bucket.client.put_object(Bucket=bucket.name, Key=key, Body=body)

    return write


@pytest.fixture
def extract_file(bucket: Bucket) -> Any:
    def run(schema: DatasetSchema = INTERACTIONS, **more: Any) -> Extracted:
        source = UploadedFile(more.pop("bucket", bucket), FILE)
        work = Extract(use_case="posts", run="20231114T221320000", schema=schema, source=source, **more)
        return extract_dataset(work, bucket, clock=lambda: NOW)

    return run


def test_a_file_arrives_as_the_same_rows_of_a_query_would(
    extract: Any, extract_file: Any, put: Any, bucket: Bucket
) -> None:
    of_query = extract(interactions())
    put(content(bucket, of_query["key"]))

    of_file = extract_file()

    assert of_file == of_query
    manifest = json.loads(content(bucket, KEY.replace(".csv", ".manifest.json")))
    assert manifest["file"] == FILE
    assert "query" not in manifest


def test_a_file_of_many_blocks_arrives_whole(extract_file: Any, put: Any, bucket: Bucket) -> None:
    rows = [f"user-{i % 9000},item-{i % 500},like,{1_699_000_000 + i}" for i in range(60_000)]
    text = "\n".join([HEADER, *rows, ""])
    put(text)

    assert extract_file()["rows"] == 60_000
    assert content(bucket, KEY).decode() == text


def test_a_last_row_without_a_line_break_is_not_joined_with_what_follows(
    extract_file: Any, put: Any, bucket: Bucket
) -> None:
    day = "2023-11-14"
    event = {"user_id": "u", "item_id": "i", "type": "view", "timestamp": int(NOW) - 60}
    lines = [{"types": ["view"], "files": [], "closed": True}, event]
    joined = gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
    put(joined, f"joined/use_case=posts/date={day}.jsonl.gz")
    put(TEXT.rstrip("\n"))

    result = extract_file(tracked=Tracked(event_types=("view",), days=0))

    assert (result["rows"], result["trackedRows"]) == (1201, 1)
    assert content(bucket, KEY).decode() == f"{TEXT}u,i,view,{int(NOW) - 60}\n"


@pytest.mark.parametrize("newest", ["own", "copy"])
def test_of_the_files_that_two_regions_were_given_the_newer_one_counts(
    extract_file: Any, put: Any, bucket: Bucket, newest: str
) -> None:
    copies = Bucket(bucket.client, "copies")
    bucket.client.create_bucket(
        Bucket=copies.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    for whose, where in (("own", bucket), ("copy", copies)):
        rows = "".join(f"{whose}-{row}\n" for row in ROWS)
        where.client.put_object(Bucket=where.name, Key=FILE, Body=f"{HEADER}\n{rows}".encode())
        written = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].get_object(where.name, FILE)
        assert written is not None
        written.last_modified = datetime(2026, 1, 2 if whose == newest else 1, tzinfo=UTC)

    extract_file(bucket=Bucket(bucket.client, bucket.name, copies))

    assert f"\n{newest}-1,1,like".encode() in content(bucket, KEY)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT.replace("USER_ID", "USER"), "missing USER_ID and unexpected USER"),
        (TEXT.replace("1699000001", "1699000001000"), "milliseconds instead of seconds"),
        (TEXT.replace("1,1,like", "1,1,1,like"), "wrong number of columns"),
        (TEXT.replace("\n1,1,like", '\n"1,1,like'), "the data ends within the row"),
        (HEADER, "only 0 interactions"),
        ("", "missing USER_ID"),
    ],
)
def test_a_file_is_refused_by_the_same_rules_as_rows_of_a_query(
    extract_file: Any, put: Any, bucket: Bucket, text: str, message: str
) -> None:
    put(text)

    with pytest.raises(DatasetRejected, match=message):
        extract_file()

    assert extracted(bucket) == []


def test_a_missing_file_is_named_with_its_place_and_its_header(extract_file: Any, bucket: Bucket) -> None:
    expected = r"there is no s3://data-bucket/uploads/posts/interactions\.csv: .*ITEM_ID,TITLE,LEVEL,PRICE"

    with pytest.raises(FileMissing, match=expected):
        extract_file(ITEMS)

    assert stored(bucket) == []


class _BreaksOff:
    """S3 whose objects break off after the first block."""

    def get_object(self, **_: Any) -> Any:
        return {"Body": self}

    def __enter__(self) -> _BreaksOff:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    blocks = iter([TEXT.encode()])

    def read(self, _: int) -> bytes:
        try:
            return next(self.blocks)
        except StopIteration:
            raise ClientError({"Error": {"Code": "InternalError", "Message": "again"}}, "GetObject") from None


def test_a_file_that_breaks_off_leaves_no_dataset(extract_file: Any, bucket: Bucket) -> None:
    with pytest.raises(StorageFailed, match=r"reading s3://data-bucket/uploads/.*InternalError: again"):
        extract_file(bucket=Bucket(_BreaksOff(), bucket.name))

    assert stored(bucket) == []
