"""Limits of the checker, at the limits: the last dataset that is good, and the first that is not."""

from __future__ import annotations

import pytest

from pipeline.columns import Column
from pipeline.errors import DatasetRejected
from pipeline.extract.checker import DatasetChecker
from pipeline.extract.schema import DatasetSchema

NOW, EARLIEST, DAY = 1_700_000_000, 631_152_000, 86_400
INTERACTIONS = DatasetSchema(
    "interactions",
    (Column("USER_ID", "string"), Column("ITEM_ID", "string"), Column("TIMESTAMP", "long")),
)


def finding(schema: DatasetSchema, lines: list[str]) -> str:
    """What the checker says of these rows; nothing if they are good."""
    checker = DatasetChecker(schema, now=NOW)
    checker.feed("\n".join([",".join(schema.names), *lines, ""]).encode())
    try:
        checker.finish()
    except DatasetRejected as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("rows", "repeating", "said"),
    [
        (1000, 25, ""),
        (999, 25, "refused: only 999 interactions, at least 1,000 are needed"),
        (1000, 24, "refused: only 24 users with 2 or more interactions, at least 25 are needed"),
        (2525, 25, ""),
        (2526, 25, "refused: only 25 users with 2 or more interactions, at least 26 are needed"),
        (2527, 26, ""),
    ],
    ids=["least", "a row less", "a user less", "1 % of 2,500", "1 % of 2,501", "26 of 2,501"],
)
def test_the_least_interactions_and_users_who_come_back(rows: int, repeating: int, said: str) -> None:
    """So many users come twice, and all others once."""
    users = [*range(repeating), *range(rows - repeating)]

    found = finding(INTERACTIONS, [f"u{user},i,{NOW}" for user in users])

    assert said in found and bool(found) is bool(said)


def test_one_row_is_enough_where_there_are_no_interactions() -> None:
    items = DatasetSchema("items", (Column("ITEM_ID", "string"), Column("TITLE", "string")))

    assert finding(items, ["1,a"]) == ""
    assert "no rows" in finding(items, [])


@pytest.mark.parametrize(
    ("column", "longest"),
    [
        (Column("ITEM_ID", "string"), 256),
        (Column("TITLE", "string"), 1000),
        (Column("TITLE", "string", textual=True), 20_000),
    ],
)
def test_the_longest_values(column: Column, longest: int) -> None:
    schema = DatasetSchema("items", (column, Column("OTHER", "string")))

    assert finding(schema, ["é" * longest + ",x"]) == ""
    assert f"longer than {longest:,} characters" in finding(schema, ["é" * (longest + 1) + ",x"])


@pytest.mark.parametrize(
    ("type_", "good", "wrong"),
    [
        ("int", (-(2**31), 2**31 - 1), (-(2**31) - 1, 2**31)),
        ("long", (-(2**63), 2**63 - 1), (-(2**63) - 1, 2**63)),
    ],
)
def test_the_greatest_integers(type_: str, good: tuple[int, int], wrong: tuple[int, int]) -> None:
    schema = DatasetSchema("users", (Column("USER_ID", "string"), Column("AGE", type_)))

    assert [value for value in good if finding(schema, [f"u,{value}"])] == []
    assert [value for value in wrong if "integer" not in finding(schema, [f"u,{value}"])] == []


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (EARLIEST, ""),
        (EARLIEST - 1, "implausible time"),
        (NOW + DAY, ""),
        (NOW + DAY + 1, "implausible time"),
        (EARLIEST * 1000, "milliseconds instead of seconds"),
        (EARLIEST * 1000 - 1, "implausible time"),
        ((NOW + DAY) * 1000 + 999, "milliseconds instead of seconds"),
        ((NOW + DAY + 1) * 1000, "implausible time"),
    ],
)
def test_the_earliest_and_the_latest_time(time: int, said: str) -> None:
    items = DatasetSchema("items", (Column("ITEM_ID", "string"), Column("CREATION_TIMESTAMP", "long")))

    found = finding(items, [f"1,{time}"])

    assert said in found
    assert bool(found) is bool(said)
