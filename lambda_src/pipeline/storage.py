"""JSON and text objects in S3, with failures named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import ObjectMissing, StorageFailed

CONNECTIONS = 32
"""That a client keeps, and so as many objects as should be read at a time."""

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True)
class Bucket:
    """A bucket and the S3 client to reach it with."""

    client: Any
    name: str

    def url(self, key: str) -> str:
        return f"s3://{self.name}/{key}"

    def open(self, key: str) -> Any:
        """The object's body, to be read and closed; ObjectMissing when there is none."""
        with storage_errors(f"reading {self.url(key)}"):
            return self.client.get_object(Bucket=self.name, Key=key)["Body"]

    def read_json(self, key: str) -> Any:
        """The parsed object, or None when there is none."""
        try:
            with self.open(key) as body, storage_errors(f"reading {self.url(key)}"):
                return json.loads(body.read())
        except ObjectMissing:
            return None

    def write_json(self, key: str, value: Any) -> None:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        self.write(key, text.encode(), "application/json")

    def write(self, key: str, body: bytes | Any, content_type: str) -> None:
        with storage_errors(f"writing {self.url(key)}"):
            self.client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)


@contextmanager
def storage_errors(doing: str) -> Iterator[None]:
    """Any failure of S3 within becomes a StorageFailed that says what was being done."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise _named(error, doing) from error


def _named(error: Exception, doing: str) -> StorageFailed:
    if not isinstance(error, ClientError):
        return StorageFailed(f"{doing}: {type(error).__name__}: {error}")
    details = error.response["Error"]
    kind = ObjectMissing if details.get("Code") in _ABSENT else StorageFailed
    return kind(f"{doing}: {details.get('Code', '?')}: {details.get('Message', '')}")
