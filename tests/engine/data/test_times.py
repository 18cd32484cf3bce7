"""Times are plausible or refused by the unit that they seem to be in."""

from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from engine.data.interactions import Interactions
from engine.data.loading import load, read_metadata
from engine.ground.errors import DataError
from pipeline.columns import Column as ExtractColumn
from pipeline.errors import DatasetRejected
from pipeline.extract.checker import DatasetChecker
from pipeline.extract.schema import DatasetSchema
from tests.engine.support.files import NOW, clock, written

DAY = 86_400
TIMES = [
    *(0, -1, 1, 631_151_999, 631_152_000, NOW, NOW + DAY, NOW + DAY + 1, 4_000_000_000, 2**31, 2**53, 2**62),
    *(NOW * 1_000, 631_152_000 * 1_000 - 1, 631_152_000_000, (NOW + DAY) * 1_000, (NOW + DAY + 1) * 1_000),
]


@pytest.mark.parametrize("time", TIMES)
def test_times_are_plausible_to_the_engine_where_they_are_to_the_extract(time: int, tmp_path: Path) -> None:
    rows = {"ITEM_ID": ["i"], "CREATION_TIMESTAMP": [str(time)]}
    columns = ExtractColumn("ITEM_ID", "string"), ExtractColumn("CREATION_TIMESTAMP", "long")
    checker = DatasetChecker(DatasetSchema("items", columns), now=NOW)
    path = written(tmp_path / "items.csv", rows)
    checker.feed(path.read_bytes().replace(b'"', b""))
    try:
        checker.finish()
        reason = None
    except DatasetRejected as refused:
        reason = str(refused)
    if reason is None:
        assert read_metadata(path, "ITEM_ID", clock=clock).columns
        return
    with pytest.raises(DataError, match=rf"CREATION_TIMESTAMP.* in line 2 \('{time}'\)") as problem:
        read_metadata(path, "ITEM_ID", clock=clock)
    assert ("milliseconds" in str(problem.value)) == ("milliseconds" in reason)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_all_times_that_are_none_are_told_at_once_with_what_to_do(suffix: str, tmp_path: Path) -> None:
    times = [NOW, NOW * 1_000, 4_000_000_000, NOW * 10**9, NOW * 1_000, NOW * 1_000, NOW * 1_000]
    rows: dict[str, list[Any]] = {"USER_ID": ["u"] * 7, "ITEM_ID": ["i"] * 7, "TIMESTAMP": times}
    path = tmp_path / f"events.{suffix}"
    if suffix == "csv":
        written(path, {name: list(map(str, column)) for name, column in rows.items()})
    else:
        parquet.write_table(pyarrow.table(rows), path)
    with pytest.raises(DataError) as refused:
        load(path, clock=clock)
    message, place = str(refused.value).replace("'", ""), ("row", 0) if suffix == "parquet" else ("line", 1)
    first, second, third, fourth = (f"{place[0]} {row + place[1]}" for row in (2, 5, 6, 4))
    assert message.startswith(
        f"{path}: TIMESTAMP with milliseconds instead of seconds in {first} (1700000000000), "
        f"{second} (1700000000000), {third} (1700000000000) and 1 more (divide by 1,000"
    )
    assert f"TIMESTAMP with nanoseconds instead of seconds in {fourth}" in message
    assert "implausible TIMESTAMP" in message and "from 1990 to tomorrow" in message


def test_milliseconds_are_no_times_of_columns_in_memory_either() -> None:
    with pytest.raises(DataError, match="divided by 1,000"):
        Interactions.from_columns(["u"], ["i"], [NOW * 1_000])
