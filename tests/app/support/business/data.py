"""The data of the tests' business: as many people, programs and posts as a test asks for."""

import asyncio
from pathlib import Path

import asyncpg

SQL = Path(__file__).with_name("community.sql")


def load(dsn: str, *, users: int = 300, programs: int = 60, posts: int = 400) -> None:
    """Replaces what an earlier load has left; all in one transaction."""
    asyncio.run(_load(dsn, {"users": users, "programs": programs, "posts": posts}))


async def _load(dsn: str, counts: dict[str, int]) -> None:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        async with connection.transaction():
            for name, count in counts.items():
                await connection.execute("SELECT set_config($1, $2, true)", f"business.{name}", str(count))
            await connection.execute(SQL.read_text(encoding="utf-8"))
    finally:
        await connection.close()
