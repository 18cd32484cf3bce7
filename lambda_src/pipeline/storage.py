"""JSON and text objects in S3, with failures named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import ObjectMissing, StorageFailed

COPIED = ("datasets", "events", "measured", "models", "runs", "switches", "uploads")
"""First parts of keys that regions copy to each other: nothing else is looked for among the copies."""
CONNECTIONS = 32
"""That a client keeps, and so as many objects as should be read at a time."""

_ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True)
class Bucket:
    """A bucket and the S3 client to reach it with.

    copies: with what other regions have written under the same keys; what is not in this one is read there.
    """

    client: Any
    name: str
    copies: Bucket | None = None

    @classmethod
    def named(cls, client: Any, names: str) -> Bucket:
        """names: of the bucket, and of that with copies, if there is one, after a comma."""
        name, _, copies = names.partition(",")
        return cls(client, name, cls(client, copies) if copies else None)

    @property
    def all(self) -> tuple[Bucket, ...]:
        """This one, and that with copies."""
        return (self, self.copies) if self.copies else (self,)

    def url(self, key: str) -> str:
        return f"s3://{self.name}/{key}"

    def open(self, key: str) -> Any:
        """The object's body, to be read and closed; ObjectMissing when there is none."""
        try:
            return self._get(key)["Body"]
        except ObjectMissing:
            if self.copies is None or key.partition("/")[0] not in COPIED:
                raise
            return self.copies.open(key)

    def open_newest(self, key: str) -> Any:
        """As `open`, of what several regions write: copies know when the original was written.

        Raises: ObjectMissing, if there is none; StorageFailed.
        """
        if self.copies is None:
            return self.open(key)
        found = [answer for bucket in reversed(self.all) if (answer := bucket._found(key))]
        if not found:
            raise ObjectMissing(f"reading {self.url(key)}: there is none")
        *older, newest = sorted(found, key=lambda answer: answer["LastModified"])
        for answer in older:
            answer["Body"].close()
        return newest["Body"]

    def read_json(self, key: str, *, newest: bool = False) -> Any:
        """The parsed object, or None when there is none. newest: of this one and the copy."""
        read = self.open_newest if newest else self.open
        try:
            with read(key) as body, storage_errors(f"reading {self.url(key)}"):
                return json.loads(body.read())
        except ObjectMissing:
            return None

    def _get(self, key: str) -> Any:
        with storage_errors(f"reading {self.url(key)}"):
            return self.client.get_object(Bucket=self.name, Key=key)

    def _found(self, key: str) -> Any:
        try:
            return self._get(key)
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
