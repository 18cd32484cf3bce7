"""SQL: comments and layout are no change; texts, names and operators are."""

import pytest

from review.workflows.sql import difference, is_sql, same_meaning

QUERY = "SELECT a, b FROM t WHERE x = 'it''s -- no comment' AND y>=1"


@pytest.mark.parametrize(
    "other",
    [
        "-- all of it\n" + QUERY,
        QUERY + " /* the\nend */",
        "SELECT a,\n       b\nFROM t\nWHERE x = 'it''s -- no comment'\n  AND y >= 1",
        "SELECT a, b FROM t -- here\nWHERE x = 'it''s -- no comment' AND y>=1",
        "select A, b from t where x = 'it''s -- no comment' and y>=1",
    ],
)
def test_comments_and_layout_change_nothing(other: str) -> None:
    assert same_meaning(QUERY, other)


@pytest.mark.parametrize(
    "other",
    [
        QUERY.replace("no comment", "a comment"),
        QUERY.replace("it''s", "it''S"),
        QUERY.replace(">=", ">"),
        QUERY.replace("-- no", "--  no"),
        QUERY.replace("a, b", "ab"),
        QUERY.replace("y>=1", "-- y>=1"),
        QUERY.replace("FROM t", "FROM t t2"),
        QUERY.replace("SELECT a", "SELECT /* a */ c"),
    ],
)
def test_anything_else_is_a_change(other: str) -> None:
    assert not same_meaning(QUERY, other)
    assert difference(QUERY, other)


def test_a_text_with_escapes_ends_where_its_database_ends_it() -> None:
    assert not same_meaning(r"SELECT E'\' -- a'", r"SELECT E'\' -- b'")
    assert not same_meaning('SELECT "A"', 'SELECT "a"')
    assert same_meaning("SELECT date'a' -- a", "SELECT date'a' -- b")


def test_expressions_are_no_sql() -> None:
    assert is_sql("WITH a AS (SELECT 1) SELECT * FROM a") and is_sql("-- x\nSELECT 1")
    assert not is_sql("{% $run %}") and not is_sql("Select") and not is_sql(3)
