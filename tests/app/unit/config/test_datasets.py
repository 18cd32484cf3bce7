"""Rules of columns and queries, each broken alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.rules import check
from config.rules.queries import query_problems
from config.schema import (
    ALL_EVENTS,
    Column,
    ColumnType,
    Dataset,
    DatasetType,
    EventType,
    FileFormat,
    OwnItems,
    UseCase,
)
from tests.app.support.business.stages import STAGES
from tests.app.support.films import INTERACTIONS, ITEMS, USERS, dataset, problems_of, sql_of


def with_dataset(use_case: UseCase, which: str, broken: Dataset) -> UseCase:
    changes: dict[str, Any] = {which: broken}
    return replace(use_case, **changes)


def columns(base: tuple[Column, ...], *more: Column, without: str = "") -> tuple[Column, ...]:
    return (*(column for column in base if column.name != without), *more)


def metadata(count: int) -> list[Column]:
    return [Column(name=f"M{number}") for number in range(count)]


STRING, INT, LONG = ColumnType.STRING, ColumnType.INT, ColumnType.LONG
BROKEN_COLUMNS: dict[str, tuple[str, tuple[Column, ...], str, str]] = {
    "no user": ("interactions", columns(INTERACTIONS, without="USER_ID"), "columns", "USER_ID is required"),
    "no item": (
        "items",
        columns(ITEMS, Column(name="X"), without="ITEM_ID"),
        "columns",
        "ITEM_ID is required",
    ),
    "no time": (
        "interactions",
        columns(INTERACTIONS, without="TIMESTAMP"),
        "columns",
        "TIMESTAMP is required",
    ),
    "time as a string": (
        "interactions",
        columns(INTERACTIONS, Column(name="TIMESTAMP"), without="TIMESTAMP"),
        "columns[TIMESTAMP]",
        "type long",
    ),
    "time may be missing": (
        "interactions",
        columns(INTERACTIONS, Column(name="TIMESTAMP", type=LONG, nullable=True), without="TIMESTAMP"),
        "columns[TIMESTAMP]",
        "a value in every row",
    ),
    "user as a number": (
        "users",
        columns(USERS, Column(name="USER_ID", type=INT), without="USER_ID"),
        "columns[USER_ID]",
        "type string",
    ),
    "event type as a category": (
        "interactions",
        columns(INTERACTIONS, Column(name="EVENT_TYPE", categorical=True), without="EVENT_TYPE"),
        "columns[EVENT_TYPE]",
        "meaning of its own",
    ),
    "creation as a string": (
        "items",
        columns(ITEMS, Column(name="CREATION_TIMESTAMP")),
        "columns[CREATION_TIMESTAMP]",
        "type long",
    ),
    "reserved name": ("users", columns(USERS, Column(name="EVENT_TYPE")), "columns[EVENT_TYPE]", "reserved"),
    "reserved name in small letters": (
        "users",
        columns(USERS, Column(name="item_id")),
        "columns[item_id]",
        "reserved",
    ),
    "names alike": (
        "items",
        columns(ITEMS, Column(name="GEN_RES")),
        "columns",
        "more than underscores and case",
    ),
    "name with a blank": ("items", columns(ITEMS, Column(name="A B")), "columns[A B]", "letters, digits"),
    "name with a digit first": ("items", columns(ITEMS, Column(name="1A")), "columns[1A]", "starting with"),
    "name too long": (
        "items",
        columns(ITEMS, Column(name="A" * 64)),
        f"columns[{'A' * 64}]",
        "1 to 63",
    ),
    "number as a category": (
        "users",
        columns(USERS, Column(name="X", type=INT, categorical=True)),
        "columns[X]",
        "only strings",
    ),
    "text and category": (
        "items",
        columns(ITEMS, Column(name="X", categorical=True, textual=True)),
        "columns[X]",
        "either",
    ),
    "text of a user": ("users", columns(USERS, Column(name="X", textual=True)), "columns[X]", "of the items"),
    "two texts": (
        "items",
        columns(ITEMS, Column(name="X", textual=True), Column(name="Y", textual=True)),
        "columns",
        "only one column",
    ),
    "users without metadata": ("users", (Column(name="USER_ID"),), "columns", "at least one metadata"),
    "items without metadata": ("items", (Column(name="ITEM_ID"),), "columns", "at least one metadata"),
    "too much about users": ("users", columns(USERS, *metadata(25)), "columns", "at most 25"),
    "too much about items": ("items", columns(ITEMS, *metadata(100)), "columns", "at most 100"),
    "too much about interactions": (
        "interactions",
        columns(INTERACTIONS, *metadata(6)),
        "columns",
        "at most 5",
    ),
    "schema too long": (
        "items",
        columns(ITEMS, *(Column(name=f"{'A' * 58}{n:03}", categorical=True) for n in range(99))),
        "columns",
        "10000 characters",
    ),
}


@pytest.mark.parametrize(("which", "broken", "field", "rule"), BROKEN_COLUMNS.values(), ids=BROKEN_COLUMNS)
def test_a_broken_rule_of_columns_is_named(
    good: UseCase,
    tmp_path: Path,
    which: str,
    broken: tuple[Column, ...],
    field: str,
    rule: str,
) -> None:
    [problem] = problems_of(with_dataset(good, which, dataset(tmp_path, which, *broken)))

    assert problem.startswith(f"use case films, {which}.{field}: ")
    assert rule in problem


def test_event_types_need_a_column_of_event_types(good: UseCase, tmp_path: Path) -> None:
    plain = dataset(tmp_path, "interactions", *columns(INTERACTIONS, without="EVENT_TYPE"))

    problems = problems_of(replace(good, interactions=plain))

    assert ["event_types", "own_items.event_types"] == [
        text.split(", ")[1].split(":")[0] for text in problems
    ]
    check(STAGES, (replace(good, interactions=plain, event_types=(), own_items=OwnItems()),))


def test_event_types_and_metadata_of_interactions_are_at_most_ten(good: UseCase, tmp_path: Path) -> None:
    events = tuple(EventType(name=f"e{number}", weight=1) for number in range(8))
    wide = dataset(tmp_path, "interactions", *INTERACTIONS, *metadata(3))
    busy = replace(good, event_types=events, own_items=OwnItems(event_types=ALL_EVENTS), interactions=wide)

    [problem] = problems_of(busy)

    assert "interactions.columns: 11: event types and metadata columns together" in problem


def test_eleven_weights_are_one_too_many(good: UseCase) -> None:
    events = tuple(EventType(name=f"e{number}", weight=1) for number in range(11))

    problems = problems_of(replace(good, event_types=events, own_items=OwnItems(event_types=ALL_EVENTS)))

    assert any("event_types: 11: there can be at most 10" in problem for problem in problems)


def test_known_optional_columns_are_no_metadata(good: UseCase, tmp_path: Path) -> None:
    known = (
        Column(name="EVENT_VALUE", type=ColumnType.FLOAT, nullable=True),
        Column(name="IMPRESSION", nullable=True),
        Column(name="RECOMMENDATION_ID", nullable=True),
        Column(name="EVENT_ATTRIBUTION_SOURCE", nullable=True),
    )

    check(
        STAGES,
        (replace(good, interactions=dataset(tmp_path, "interactions", *INTERACTIONS, *known, *metadata(5))),),
    )


BROKEN_QUERIES = {
    "empty": (" \n", "is empty"),
    "only a comment": ("-- to do\n", "is empty"),
    "semicolon": ('SELECT 1 AS "USER_ID", 2 AS "AGE";', "not end with a semicolon"),
    "two statements": ('SELECT 1 AS "USER_ID"; SELECT 2 AS "AGE"', "single statement"),
    "no query": ('DELETE FROM users RETURNING "USER_ID", "AGE"', "must be a query"),
    "comment at the end": ('SELECT 1 AS "USER_ID", 2 AS "AGE" -- all', "-- comment"),
    "column missing": ('SELECT 1 AS "USER_ID"', 'column "AGE"'),
    "column without quotes": ('SELECT 1 AS "USER_ID", 2 AS AGE', 'column "AGE"'),
    "column in a string only": ("""SELECT 1 AS "USER_ID", '"AGE"'""", 'column "AGE"'),
    "column in a comment only": ('SELECT 1 AS "USER_ID" /* "AGE" */ FROM t', 'column "AGE"'),
    "endless": ('SELECT 1 AS "USER_ID", 2 AS "AGE"' + " " * 50_000 + "FROM t", "50000 characters"),
}


@pytest.mark.parametrize(("query", "rule"), BROKEN_QUERIES.values(), ids=BROKEN_QUERIES)
def test_a_broken_rule_of_a_query_is_named(good: UseCase, query: str, rule: str) -> None:
    sql_of(good, DatasetType.USERS).write_text(query, encoding="utf-8")

    [problem] = problems_of(good)

    assert problem.startswith("use case films, users.sql: 'users.sql': ")
    assert rule in problem


@pytest.mark.parametrize(
    "query",
    [
        """WITH a AS (SELECT 1) SELECT ';' AS "USER_ID", $$;$$ AS "AGE" FROM a""",
        """-- ; everyone\nSELECT '--' AS "USER_ID", 2 AS "AGE" /* ; */ FROM a""",
        """select 'it''s; fine' as "USER_ID", 2 as "AGE" from "a;b" """,
    ],
)
def test_semicolons_in_quotes_and_comments_are_no_second_statement(good: UseCase, query: str) -> None:
    sql_of(good, DatasetType.USERS).write_text(query, encoding="utf-8")

    check(STAGES, (good,))


def test_a_mark_that_editors_put_before_utf8_is_no_part_of_a_query(good: UseCase) -> None:
    file = sql_of(good, DatasetType.USERS)
    query = file.read_text(encoding="utf-8")
    file.write_text(query, encoding="utf-8-sig")

    check(STAGES, (good,))

    assert good.datasets[DatasetType.USERS].query == query.strip()


@pytest.mark.parametrize(("column", "accepted"), [("age", True), ("Age", False)])
def test_a_name_in_lower_case_needs_no_quotes(
    good: UseCase, tmp_path: Path, column: str, accepted: bool
) -> None:
    """PostgreSQL folds names without quotes to lower case."""
    users = dataset(tmp_path, "users", Column(name="USER_ID"), Column(name=column))
    case = replace(good, users=users)
    sql_of(case, DatasetType.USERS).write_text(f'SELECT 1 AS "USER_ID", 2 AS {column}', encoding="utf-8")

    told = [problem.rule for problem in query_problems(case)]

    assert told == ([] if accepted else [f'must answer with a column "{column}", quotes included'])


@pytest.mark.parametrize("sql_too", [True, False])
def test_a_dataset_is_either_a_query_or_a_file(good: UseCase, sql_too: bool) -> None:
    file = FileFormat.PARQUET if sql_too else None
    users = replace(good.datasets[DatasetType.USERS], file=file, sql=Path("users.sql") if sql_too else None)

    told = problems_of(replace(good, users=users))

    assert any(
        "users.sql" in problem and "or else file=FileFormat.CSV or PARQUET" in problem for problem in told
    )


def test_a_dataset_that_is_a_file_needs_no_query(good: UseCase) -> None:
    users = replace(good.datasets[DatasetType.USERS], file=FileFormat.CSV, sql=None)

    check(STAGES, (replace(good, users=users),))


def test_a_query_file_that_is_missing_or_no_text_is_named(good: UseCase, tmp_path: Path) -> None:
    sql_of(good, DatasetType.USERS).unlink()
    sql_of(good, DatasetType.ITEMS).write_bytes(b"SELECT '\xff'")

    missing, unreadable = problems_of(good)

    assert (
        missing
        == "use case films, users.sql: 'users.sql': must be a readable file: No such file or directory"
    )
    assert unreadable.endswith("must be UTF-8 text")
