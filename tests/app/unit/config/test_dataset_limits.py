"""Limits of datasets and of their queries, at the limits: the last good size, and the first that is not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.rules.datasets import dataset_problems
from config.rules.queries import query_problems
from config.schema import ALL_EVENTS, Column, ColumnType, DatasetType, EventType, OwnItems, UseCase
from tests.app.support.films import INTERACTIONS, ITEMS, USERS, dataset, sql_of
from tests.app.support.good_stage import fields_of


def metadata(count: int) -> list[Column]:
    return [Column(name=f"M{number}") for number in range(count)]


@pytest.mark.parametrize(
    ("which", "ids", "most"),
    [
        ("interactions", INTERACTIONS, 5),
        ("users", USERS[:1], 25),
        ("items", ITEMS[:1], 100),
    ],
)
def test_a_dataset_may_have_its_most_metadata_columns(
    good: UseCase, tmp_path: Path, which: str, ids: tuple[Column, ...], most: int
) -> None:
    for count in (most, most + 1):
        changes: dict[str, Any] = {which: dataset(tmp_path, which, *ids, *metadata(count))}
        problems = fields_of(dataset_problems(replace(good, **changes)))
        assert (f"{which}.columns" in problems) is (count > most)


def test_event_types_and_metadata_may_be_ten_together(good: UseCase, tmp_path: Path) -> None:
    wide = dataset(tmp_path, "interactions", *INTERACTIONS, *metadata(5))
    for count in (5, 6):
        events = tuple(EventType(name=f"e{number}", weight=1) for number in range(count))
        case = replace(
            good, interactions=wide, event_types=events, own_items=OwnItems(event_types=ALL_EVENTS)
        )
        assert ("interactions.columns" in fields_of(dataset_problems(case))) is (count > 5)


def test_a_column_s_name_may_have_63_characters(good: UseCase, tmp_path: Path) -> None:
    for length in (63, 64):
        column = Column(name="A" * length, type=ColumnType.INT)
        case = replace(good, users=dataset(tmp_path, "users", *USERS, column))
        assert bool(fields_of(dataset_problems(case))) is (length > 63)


def test_a_query_may_have_50000_characters(good: UseCase) -> None:
    query = sql_of(good, DatasetType.USERS).read_text(encoding="utf-8").rstrip()
    for length in (50_000, 50_001):
        padded = query.replace("FROM", " " * (length - len(query)) + "FROM")
        sql_of(good, DatasetType.USERS).write_text(padded, encoding="utf-8")
        assert len(good.datasets[DatasetType.USERS].query) == length
        assert bool(fields_of(query_problems(good))) is (length > 50_000)
