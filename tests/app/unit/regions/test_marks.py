"""Marks that one region writes, by which another one sees what has arrived."""

from __future__ import annotations

from typing import Any

from pipeline.switching.marks import Marks
from tests.app.support.in_memory import TABLE, LaggingReads

NOON = 1_800_000_000.5


def test_marks_are_written_once_each_expire_after_a_day_and_are_missed_one_by_one(dynamodb: Any) -> None:
    marks = Marks(LaggingReads(dynamodb), [TABLE])
    assert marks.missing("run-1") == 32

    assert marks.write("run-1", NOON) == 32

    written = dynamodb.scan(TableName=TABLE)["Items"]
    assert len({item["pk"]["S"] for item in written}) == 32
    assert {item["expires"]["N"] for item in written} == {"1800086400"}
    assert (marks.missing("run-1"), marks.missing("run-2")) == (0, 32)
    for item in written[:2]:
        dynamodb.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
    assert marks.missing("run-1") == 2
