"""Where comparisons lie in the data bucket, and the newest of them.

`comparisons/<use case>/<run>/<a>-<b>.json`, and a page of the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.formats import known
from pipeline.storage import Bucket, storage_errors

PREFIX = "comparisons"
JSON, HTML = "json", "html"


def key(use_case: str, run: str, first: str, second: str, kind: str = JSON) -> str:
    return f"{PREFIX}/{use_case}/{run}/{first}-{second}.{kind}"


def read(bucket: Bucket, use_case: str, run: str, first: str, second: str) -> Mapping[str, Any] | None:
    """None, if there is none. Raises: StorageFailed; UnknownFormat, if newer code has written it."""
    where = key(use_case, run, first, second)
    found = bucket.read_json(where)
    return None if found is None else known(found, bucket.url(where))


def runs(bucket: Bucket, use_case: str) -> list[str]:
    """Those with a comparison, oldest first. Raises: StorageFailed."""
    prefix = f"{PREFIX}/{use_case}/"
    with storage_errors(f"listing {bucket.url(prefix)}"):
        pages = bucket.client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket.name, Prefix=prefix, Delimiter="/"
        )
        folders = [entry["Prefix"] for page in pages for entry in page.get("CommonPrefixes", ())]
    return sorted(folder[len(prefix) :].rstrip("/") for folder in folders)


def newest(
    bucket: Bucket, use_case: str, first: str, second: str, *, before: str | None = None
) -> Mapping[str, Any] | None:
    """Of the pair, of a run that sorts before the given text. Raises: StorageFailed, UnknownFormat."""
    return next(_of_pair(bucket, use_case, first, second, before), None)


def _of_pair(
    bucket: Bucket, use_case: str, first: str, second: str, before: str | None
) -> Iterator[Mapping[str, Any]]:
    for run in reversed(runs(bucket, use_case)):
        if before is None or run < before:
            found = read(bucket, use_case, run, first, second)
            if found is not None:
                yield found
