"""SQL is spoken in one room: all others ask functions that are named for what they answer."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import personalize_server

SERVER = Path(personalize_server.__file__).parent
STATEMENT = re.compile(
    r"""\s*(?:
        SELECT\s | INSERT\s+(?:OR|INTO)\s | UPDATE\s.*\sSET\s | DELETE\s+FROM\s | WITH\s.*\sAS\s | PRAGMA\s
        | CREATE\s+(?:TABLE|INDEX|UNIQUE|TRIGGER|VIEW|TEMP)\s
        | BEGIN(?:\s+(?:IMMEDIATE|EXCLUSIVE|DEFERRED|TRANSACTION))?;?\s*$ | (?:COMMIT|ROLLBACK);?\s*$
    )""",
    re.VERBOSE | re.DOTALL,
)
CALLS = {"execute", "executemany", "executescript", "query"}


def sql_in(text: str) -> Iterator[int]:
    """The lines of a module with SQL in a string, or with a call that runs SQL."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Constant(value=str(value)) if STATEMENT.match(value):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr=name)) if name in CALLS:
                yield node.lineno


def test_sql_is_in_the_room_of_the_state_alone() -> None:
    found = [
        f"{path.relative_to(SERVER)}:{line}"
        for path in sorted(SERVER.rglob("*.py"))
        if path.parent != SERVER / "state"
        for line in sql_in(path.read_text(encoding="utf-8"))
    ]

    assert not found


@pytest.mark.parametrize(
    "text",
    [
        'sql = "SELECT seq FROM put_records"',
        'sql = f"SELECT {column} FROM put_records"',
        'sql = "INSERT OR IGNORE INTO links VALUES (?)"',
        'sql = "UPDATE put_records SET subject = ?"',
        'sql = "DELETE FROM links"',
        'sql = "\\n    WITH RECURSIVE types (name) AS (SELECT 1)"',
        'sql = "CREATE TABLE t (value)"',
        'sql = "PRAGMA user_version"',
        'db.execute("BEGIN IMMEDIATE")',
        'sql = "COMMIT"',
        "store.execute(sql)",
        "self._db.executemany(sql, rows)",
        "context.store.query(sql, dataset)",
    ],
)
def test_sql_is_seen(text: str) -> None:
    assert list(sql_in(text))


@pytest.mark.parametrize(
    "text", ['mode == "UPDATE"', 'words = ("CREATE PENDING", "DELETE IN_PROGRESS")', "image.rows([name])"]
)
def test_other_words_are_not_taken_for_sql(text: str) -> None:
    assert not list(sql_in(text))
