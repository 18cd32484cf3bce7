"""Rows of a dataset's CSV object, streamed from S3."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.errors import InvalidInput, StorageFailed
from pipeline.storage import Bucket, storage_errors

_BUFFER_BYTES = 1 << 20


def rows(bucket: Bucket, key: str, wanted: Sequence[str]) -> Iterator[list[str]]:
    """The wanted columns of every row, in Personalize's CSV dialect.

    Raises: InvalidInput, if the object lacks a column; StorageFailed, also for what is no CSV.
    """
    body = bucket.open(key)
    try:
        raw = io.BufferedReader(_Raw(body, f"reading {bucket.url(key)}"), _BUFFER_BYTES)
        with body, io.TextIOWrapper(raw, encoding="utf-8", newline="") as text:
            reader = csv.reader(text, doublequote=False, escapechar="\\", strict=True)
            header = next(reader, [])
            missing = [name for name in wanted if name not in header]
            if missing:
                raise InvalidInput(f"{bucket.url(key)} has no column {', '.join(missing)}")
            places = [header.index(name) for name in wanted]
            for row in reader:
                yield [row[place] for place in places]
    except (csv.Error, IndexError) as error:
        raise StorageFailed(f"reading {bucket.url(key)}: {error}") from error


class _Raw(io.RawIOBase):
    """What BufferedReader needs of a response body."""

    def __init__(self, body: Any, doing: str) -> None:
        self._body, self._doing = body, doing

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with storage_errors(self._doing):
            data: bytes = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
