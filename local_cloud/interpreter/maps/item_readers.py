"""ItemReader: the items of a Distributed Map out of S3."""

import csv
import io
import itertools
import json
from typing import Any

from local_cloud.interpreter.maps.fields import MapFields


class ItemReaderFailed(Exception):
    """The items cannot be read; its text is the cause."""


def read_items(fields: MapFields, arguments: dict[str, Any], max_items: int | None, s3: Any) -> list[Any]:
    """`arguments` are those of the S3 call, evaluated."""
    assert fields.reader is not None
    if fields.reader["Resource"].endswith("listObjectsV2"):
        pages = s3.get_paginator("list_objects_v2").paginate(**arguments)
        return list(itertools.islice(map(_listed, _contents(pages)), max_items))
    text = s3.get_object(**arguments)["Body"].read().decode()
    config = fields.reader.get("ReaderConfig", {})
    match config.get("InputType", "JSON"):
        case "CSV":
            items = _csv(text, config, fields.delimiter())
        case "JSONL":
            items = [_json(line) for line in text.splitlines() if line.strip()]
        case _:
            items = _array(_json(text), config.get("ItemsPointer", ""))
    return items[:max_items]


def _contents(pages: Any) -> Any:
    return itertools.chain.from_iterable(page.get("Contents", []) for page in pages)


def _listed(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "Etag": entry["ETag"],
        "Key": entry["Key"],
        "LastModified": int(entry["LastModified"].timestamp()),
        "Size": entry["Size"],
        "StorageClass": entry.get("StorageClass", "STANDARD"),
    }


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ItemReaderFailed(f"The object is not valid JSON: {error}") from error


def _array(value: Any, pointer: str) -> list[Any]:
    for step in pointer.split("/")[1:]:
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (LookupError, TypeError, ValueError):
            raise ItemReaderFailed(f"ItemsPointer '{pointer}' leads nowhere") from None
    if not isinstance(value, list):
        raise ItemReaderFailed("Attempting to map over non-iterable node.")
    return value


def _csv(text: str, config: dict[str, Any], delimiter: str) -> list[dict[str, str]]:
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    headers = config["CSVHeaders"] if config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])
    if len(set(headers)) < len(headers):
        raise ItemReaderFailed("CSV headers cannot contain duplicates.")
    return [dict(itertools.zip_longest(headers, row[: len(headers)], fillvalue="")) for row in rows]
