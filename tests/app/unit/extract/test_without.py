"""Rows and events of people who have opted out are in no dataset."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.columns import Column
from pipeline.errors import ObjectMissing
from pipeline.extract.extract import Extract, extract_dataset
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Sink
from pipeline.extract.tracked import Tracked
from pipeline.storage import Bucket
from pipeline.tracking.batch import Batch
from pipeline.tracking.event import Event
from pipeline.tracking.lake import store
from pipeline.withholding.listing import list_opt_outs, read_opt_outs
from pipeline.withholding.opt_out_list import OptOutList
from pipeline.withholding.without import Without
from tests.app.support.in_memory import TABLE

NOW = 1_700_000_000
NAMES = ("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP")
COLUMNS = tuple(Column(name, "long" if name == "TIMESTAMP" else "string") for name in NAMES)
INTERACTIONS = DatasetSchema("interactions", COLUMNS)
TITLES = DatasetSchema("users", (Column("NAME", "string"), Column("USER_ID", "string")))


@dataclass
class Text:
    """A source of text that comes in pieces."""

    text: bytes
    piece: int = 7

    @property
    def described(self) -> dict[str, str]:
        return {"query": "SELECT"}

    async def stream(self, schema: DatasetSchema, sink: Sink, *, seconds: float) -> None:
        for start in range(0, len(self.text), self.piece):
            await sink(bytearray(self.text[start : start + self.piece]))


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """Quoted is what has to be."""
    file = io.StringIO()
    plain = csv.writer(file, quoting=csv.QUOTE_NONE, escapechar="\\", lineterminator="\n")
    quoted = csv.writer(file, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\", lineterminator="\n")
    for row in rows:
        (quoted if set(',"\\\n') & set("".join(row)) else plain).writerow(row)
    return file.getvalue().encode()


def read(source: Any, schema: DatasetSchema) -> bytes:
    found = bytearray()

    async def sink(chunk: bytearray) -> None:
        found.extend(chunk)

    asyncio.run(source.stream(schema, sink, seconds=60))
    return bytes(found)


NAMED = st.text(st.sampled_from('ab",\\\n é'), min_size=1, max_size=4)


@given(
    rows=st.lists(st.tuples(NAMED, st.sampled_from(["1", "2", "USER_ID", 'q"u', "é,"])), max_size=20),
    users=st.frozensets(st.sampled_from(["1", "USER_ID", 'q"u', "é,", "nobody"])),
    piece=st.integers(1, 30),
)
def test_what_is_left_is_what_a_writer_of_csv_writes_of_the_others(
    rows: list[tuple[str, str]], users: frozenset[str], piece: int
) -> None:
    header = ("NAME", "USER_ID")
    source = Without(Text(written([header, *rows]), piece), users)

    assert read(source, TITLES) == written([header, *(row for row in rows if row[1] not in users)])
    assert source.rows == sum(row[1] in users for row in rows)


def test_what_is_no_row_is_left_for_others_to_refuse() -> None:
    text = b"NAME,USER_ID\na,1\nb,1,2\nc,2\nd,1\ne"

    assert read(Without(Text(text), frozenset({"1"})), TITLES) == b"NAME,USER_ID\nb,1,2\nc,2\ne"
    items = DatasetSchema("items", (Column("ITEM_ID", "string"),))
    assert read(Without(Text(b"ITEM_ID\n1\n"), frozenset({"1"})), items) == b"ITEM_ID\n1\n"


def test_a_dataset_has_neither_rows_nor_tracked_events_of_theirs(bucket: Bucket) -> None:
    rows = [(f"u{number % 40}", f"i{number % 7}", "view", str(NOW - number)) for number in range(1_100)]
    tracked = [
        Event(
            event_id=f"{user}-e", use_case="people", type="view", user_id=user, item_id="new", timestamp=NOW,
            received_at=NOW, source="batch", variant="personalize",
        )
        for user in ("u1", "u2")
    ]  # fmt: skip
    store(bucket, Batch.of(tracked))
    opted_out = frozenset({"u1", "u9"})
    work = Extract(
        use_case="people",
        run="20231114T221320000",
        schema=INTERACTIONS,
        source=Without(Text(written([NAMES, *rows]), 4096), opted_out),
        tracked=Tracked(event_types=("view",), days=2),
        opted_out=opted_out,
    )

    answer = extract_dataset(work, bucket, clock=lambda: float(NOW))

    body = bucket.client.get_object(Bucket=bucket.name, Key=answer["key"])["Body"].read().decode()
    users = [line.partition(",")[0] for line in body.splitlines()[1:]]
    assert not opted_out & set(users) and "u2,new" in body
    left_out = sum(row[0] in opted_out for row in rows)
    assert (answer["rows"], answer["trackedRows"], answer["users"]) == (len(rows) - left_out + 1, 1, 38)
    place = answer["key"].replace(".csv", ".manifest.json")
    assert (bucket.read_json(place) or {})["optedOutRows"] == str(left_out)


def test_a_run_goes_by_those_who_had_opted_out_when_it_began(bucket: Bucket, dynamodb: Any) -> None:
    people = OptOutList(dynamodb, TABLE)
    nobody = list_opt_outs(bucket, people, "posts", "r0")
    assert nobody["users"] == 0 and read_opt_outs(bucket, nobody["key"]) == frozenset()
    everybody = {f"person {number:04d}" for number in range(300)}
    people.add(sorted(everybody), reason="r" * 500, by="ann")

    listed = list_opt_outs(bucket, people, "posts", "r1")
    people.remove(["person 0000"])
    assert listed["users"] == 300 and read_opt_outs(bucket, listed["key"]) == everybody
    body = bucket.client.get_object(Bucket=bucket.name, Key=listed["key"])["Body"].read()
    assert set(json.loads(body)) == everybody
    with pytest.raises(ObjectMissing, match="start another run"):
        read_opt_outs(bucket, "datasets/posts/r2/opted-out.json")
