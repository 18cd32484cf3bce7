"""A use case without fault, for tests that break one rule of it."""

from pathlib import Path

import pytest

from config.rules import check
from config.schema import Column, ColumnType, Dataset, DatasetType, EventType, OwnItems, UseCase
from config.types.errors import ConfigError
from tests.app.support.business.stages import STAGES

INTERACTIONS = (
    Column(name="USER_ID"),
    Column(name="ITEM_ID"),
    Column(name="EVENT_TYPE"),
    Column(name="TIMESTAMP", type=ColumnType.LONG),
)
ITEMS = (Column(name="ITEM_ID"), Column(name="GENRES", categorical=True))
USERS = (Column(name="USER_ID"), Column(name="AGE", type=ColumnType.INT, nullable=True))


def dataset(folder: Path, name: str, *columns: Column) -> Dataset:
    """A query that answers with these columns, in a file."""
    sql = folder / f"{name}.sql"
    aliases = ", ".join(f'x AS "{column.name}"' for column in columns)
    sql.write_text(f"SELECT {aliases} FROM t\n", encoding="utf-8")
    return Dataset(sql=sql, columns=columns)


def films(folder: Path) -> UseCase:
    return UseCase(
        name="films",
        description="Films",
        interactions=dataset(folder, "interactions", *INTERACTIONS),
        users=dataset(folder, "users", *USERS),
        items=dataset(folder, "items", *ITEMS),
        event_types=(EventType(name="view", weight=0.5), EventType(name="buy", weight=1)),
        own_items=OwnItems(event_types=("buy",)),
    )


def sql_of(use_case: UseCase, dataset_type: DatasetType) -> Path:
    sql = use_case.datasets[dataset_type].sql
    assert sql is not None
    return sql


def problems_of(*use_cases: UseCase) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(STAGES, use_cases)
    return [str(problem) for problem in caught.value.problems]
