"""Loads a community into PostgreSQL: everything in one transaction, replacing what an earlier load left."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import asyncpg

from config.types.demonstration import NoData
from sample_database import binary_copy, generated, movielens_community, movielens_files
from sample_database.generated import Scale
from sample_database.tables import Community, EntityTable, EventTable
from trial_data import movielens

SCHEMA = Path(__file__).with_name("schema.sql")
MARK = "sample application:"
_NAMED = 5
_RELATIONS = """
    SELECT c.oid::regclass::text AS name, coalesce(obj_description(c.oid, 'pg_class'), '') AS comment
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
      AND c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
      AND c.relnamespace::regnamespace::text NOT LIKE 'pg\\_%'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1
"""
"""tables and views but those of PostgreSQL itself and of its extensions"""

Source: TypeAlias = Literal["movielens", "generated"]
Progress: TypeAlias = Callable[[str, int, bool], None]  # table, rows so far, whether that is all


class LoadFailed(NoData):
    """The database was left as it was; the message says why."""


@dataclass(frozen=True)
class Loaded:
    """What is in the database now: rows per table in loading order."""

    description: str
    rows: dict[str, int]
    seconds: float

    @property
    def told(self) -> str:
        return f"{self.description}; {sum(self.rows.values()):,} rows in {self.seconds:.1f} s"


def source_community(source: Source, scale: Scale, movielens_folder: Path | None = None) -> Community:
    """MovieLens is fetched unless a folder with its files is given."""
    if source == "generated":
        return generated.community(scale)
    folder = movielens_folder or movielens.fetch()
    return movielens_community.community(movielens_files.read(folder), scale)


def load(dsn: str, content: Community, progress: Progress = lambda table, rows, done: None) -> Loaded:
    """Creates the schema and copies every table. Raises: LoadFailed, and then nothing is changed."""
    return asyncio.run(_load(dsn, content, progress))


async def _load(dsn: str, content: Community, progress: Progress) -> Loaded:
    started = time.perf_counter()
    try:
        connection = await asyncpg.connect(dsn, timeout=30)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        raise LoadFailed(f"cannot connect to the database: {_reason(error)}") from error
    try:
        async with connection.transaction():
            await _create_schema(connection)
            references = await _drop_references(connection)
            rows = {table.name: await _copy(connection, table, progress) for table in content.tables}
            for table_name, name, definition in references:
                await connection.execute(f"ALTER TABLE {table_name} ADD CONSTRAINT {name} {definition}")
            for table in content.tables:
                await connection.execute(f"ANALYZE {table.name}")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise LoadFailed(f"loading failed, nothing was changed: {_reason(error)}") from error
    finally:
        await connection.close()
    return Loaded(content.description, rows, time.perf_counter() - started)


async def _create_schema(connection: Any) -> None:
    schema = SCHEMA.read_text(encoding="utf-8")
    present = await connection.fetch(_RELATIONS)
    foreign = [row["name"] for row in present if not row["comment"].startswith(MARK)]
    if foreign:
        more = f" and {len(foreign) - _NAMED} more" if len(foreign) > _NAMED else ""
        raise LoadFailed(
            f"the database holds something else: {', '.join(foreign[:_NAMED])}{more}; nothing was changed. "
            "The sample application's tables go into an empty database"
        )
    for row in present:
        await connection.execute(f"DROP TABLE IF EXISTS {row['name']} CASCADE")
    await connection.execute(schema)


async def _drop_references(connection: Any) -> list[tuple[str, str, str]]:
    """Foreign keys are checked once, after loading: row by row they take most of the time."""
    found = await connection.fetch(
        "SELECT conrelid::regclass::text AS t, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS "
        "definition FROM pg_constraint WHERE contype = 'f' AND obj_description(conrelid, 'pg_class') LIKE $1 "
        "ORDER BY 1, 2",
        f"{MARK}%",
    )
    for row in found:
        await connection.execute(f"ALTER TABLE {row['t']} DROP CONSTRAINT {row['name']}")
    return [(row["t"], row["name"], row["definition"]) for row in found]


async def _copy(connection: Any, table: EntityTable | EventTable, progress: Progress) -> int:
    rows = 0
    progress(table.name, 0, False)
    if isinstance(table, EntityTable):
        for batch in table.batches():
            await connection.copy_records_to_table(table.name, records=batch, columns=table.columns)
            rows += len(batch)
            progress(table.name, rows, False)
    else:
        status = await connection.copy_to_table(
            table.name, source=_stream(table, progress), columns=table.columns, format="binary"
        )
        rows = int(status.split()[-1])
    progress(table.name, rows, True)
    return rows


async def _stream(table: EventTable, progress: Progress) -> AsyncIterator[bytes]:
    rows = 0
    yield binary_copy.HEADER
    for batch in table.batches():
        for chunk in binary_copy.rows(batch, table.kinds):
            yield chunk
        rows += len(batch)
        progress(table.name, rows, False)
    yield binary_copy.TRAILER


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
