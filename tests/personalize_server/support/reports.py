"""Reports of metric attributions as their reader adds them up."""

import csv
import io
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = re.compile(r"AggregatedAttributionMetrics - (PutEvents|FULL|INCREMENTAL) - \d{8}T\d{6}\.\d{6}Z\.csv")
COLUMNS = ["METRIC_NAME", "EVENT_TYPE", "VALUE", "MATH_FUNCTION", "EVENT_ATTRIBUTION_SOURCE", "TIMESTAMP"]
Files = Callable[[], Mapping[str, str]]
"""names and contents"""


@dataclass(frozen=True)
class Row:
    metric: str
    event_type: str
    value: float
    function: str
    source: str
    window: int


def rows_of(content: str) -> list[Row]:
    reader = csv.DictReader(io.StringIO(content))
    rows = list(reader)
    assert reader.fieldnames == COLUMNS
    return [
        Row(metric, event_type, float(value), function, source, int(window))
        for metric, event_type, value, function, source, window in (row.values() for row in rows)
    ]


def values(files: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """By metric and source, over all files and windows; every file is one of the documented kind."""
    found: dict[tuple[str, str], float] = {}
    for name, content in files.items():
        assert NAME.fullmatch(name), name
        for row in rows_of(content):
            assert row.window % 900 == 0
            found[row.metric, row.source] = found.get((row.metric, row.source), 0.0) + row.value
    return found


def in_the_end(files: Files, wanted: Mapping[tuple[str, str], float]) -> None:
    """Once the files tell what is wanted, and still after another while."""
    until = time.monotonic() + 60
    while (found := values(files())) != wanted:
        assert time.monotonic() < until, found
        time.sleep(0.1)
    time.sleep(1.5)
    assert values(files()) == wanted, "nothing counts twice"


def in_folder(folder: Path) -> Mapping[str, str]:
    return {path.name: path.read_text() for path in folder.glob("*.csv")}


def in_bucket(s3: Any, bucket: str, prefix: str) -> Mapping[str, str]:
    keys = [entry["Key"] for entry in _objects(s3, bucket, prefix)]
    bodies = (s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys)
    return {key.removeprefix(prefix): body for key, body in zip(keys, bodies, strict=True)}


def _objects(s3: Any, bucket: str, prefix: str) -> Iterator[Any]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from page.get("Contents", ())
