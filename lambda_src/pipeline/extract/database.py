"""PostgreSQL: reach it, run one read-only COPY, name what goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import DatabaseUnavailable, QueryFailed
from pipeline.extract.source import Sink

CONNECT_SECONDS = 10
_GONE_CLASSES = ("08", "57P")
_MEMBERS = ("host", "port", "username", "password", "dbname")


@dataclass(frozen=True)
class Database:
    """Where the database is; `ssl` is a libpq mode (verify-full takes its CA file from PGSSLROOTCERT)."""

    host: str
    port: int
    username: str
    dbname: str
    password: str = field(repr=False)
    ssl: str = "require"

    @classmethod
    def from_secret(cls, client: Any, name: str, *, ssl: str) -> Database:
        """Reads a Secrets Manager secret: JSON with host, port, username, password, dbname.

        Raises: DatabaseUnavailable, if it cannot be read or lacks a member.
        """
        try:
            secret = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
        except (ClientError, BotoCoreError) as error:
            raise DatabaseUnavailable(f"secret {name}: {error}") from error
        except (KeyError, ValueError) as error:
            raise DatabaseUnavailable(f"secret {name} is not JSON text") from error
        missing = [member for member in _MEMBERS if not isinstance(secret, dict) or not secret.get(member)]
        if missing:
            raise DatabaseUnavailable(f"secret {name} lacks {', '.join(missing)}")
        return cls(
            host=secret["host"],
            port=int(secret["port"]),
            username=secret["username"],
            password=secret["password"],
            dbname=secret["dbname"],
            ssl=ssl,
        )

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}/{self.dbname}"


async def described_columns(database: Database, query: str) -> list[tuple[str, str]]:
    """Names and types, in PostgreSQL's words, of what a query would answer with; it is not run.

    Raises: DatabaseUnavailable, QueryFailed.
    """
    async with _connection(database) as connection, _deadline(database, CONNECT_SECONDS):
        with _query_errors(database, query):
            statement = await connection.prepare(query.rstrip().rstrip(";") + "\n")
            return [(attribute.name, attribute.type.name) for attribute in statement.get_attributes()]


async def copy_csv(
    database: Database, query: str, *, quoted_columns: list[str], sink: Sink, seconds: float
) -> None:
    """Streams `COPY (query)` as CSV with a header into the sink; at most `seconds` long.

    Raises: DatabaseUnavailable, QueryFailed, and whatever the sink raises.
    """
    query = query.rstrip().rstrip(";") + "\n"
    async with _connection(database) as connection, _deadline(database, seconds):
        with _query_errors(database):
            await connection.execute("BEGIN READ ONLY")
            await connection.execute(f"SET LOCAL statement_timeout = {int(seconds * 1000)}")
        with _query_errors(database, query):
            found = {a.name for a in (await connection.prepare(query)).get_attributes()}
        forced = [name for name in quoted_columns if name in found]
        with _query_errors(database):
            await connection.copy_from_query(
                query,
                output=sink,
                format="csv",
                header=True,
                escape="\\",
                encoding="utf-8",
                force_quote=forced or None,
            )


@asynccontextmanager
async def _connection(database: Database) -> AsyncIterator[Any]:
    """Closed in peace after success, dropped after any failure: the server then stops by itself."""
    try:
        connection = await asyncpg.connect(
            host=database.host,
            port=database.port,
            user=database.username,
            password=database.password,
            database=database.dbname,
            ssl=database.ssl,
            timeout=CONNECT_SECONDS,
            statement_cache_size=0,
        )
    except asyncpg.PostgresError as error:
        raise DatabaseUnavailable(f"{database.address}: SQLSTATE {error.sqlstate}: {error}") from error
    except TimeoutError as error:
        raise DatabaseUnavailable(f"{database.address}: no answer in {CONNECT_SECONDS} s") from error
    except (OSError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailable(f"{database.address}: {error}") from error
    try:
        yield connection
        await connection.close(timeout=CONNECT_SECONDS)
    finally:
        connection.terminate()


@asynccontextmanager
async def _deadline(database: Database, seconds: float) -> AsyncIterator[None]:
    """The server's own time-out comes first; this one is for a server that fell silent."""
    timeout = asyncio.timeout(seconds + CONNECT_SECONDS)
    try:
        async with timeout:
            yield
    except TimeoutError as error:
        if not timeout.expired():
            raise
        raise DatabaseUnavailable(f"{database.address}: not done after {seconds:.0f} s") from error


@contextmanager
def _query_errors(database: Database, query: str | None = None) -> Iterator[None]:
    """Names the errors of a statement; with the query's text, also the place in it."""
    try:
        yield
    except asyncpg.PostgresError as error:
        message, *details = str(error).splitlines()
        text = f"SQLSTATE {error.sqlstate}: {message}"
        if error.sqlstate.startswith(_GONE_CLASSES):
            raise DatabaseUnavailable(f"{database.address}: {text}") from error
        raise QueryFailed(" ".join([text + _place(query, error.position), *details])) from error
    except (ConnectionError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailable(f"{database.address}: {error}") from error


def _place(query: str | None, position: str | None) -> str:
    if query is None or position is None:
        return ""
    before = query[: int(position) - 1]
    return f" (line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))})"
