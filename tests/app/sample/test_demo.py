"""What the demo knows of the sample business fits its database and its use cases."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

import asyncpg
import pytest

from local_cloud.demo import application
from pipeline.extract.database import Database
from tests.app.support.installed import demo, installed


@pytest.fixture(scope="module")
def dsn(database: Database) -> Iterator[str]:
    server = f"postgresql://{database.username}:{quote(database.password)}@{database.host}:{database.port}"

    async def run(statement: str) -> None:
        connection = await asyncpg.connect(f"{server}/postgres")
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run("CREATE DATABASE sample_demo"))
    yield f"{server}/sample_demo"
    asyncio.run(run("DROP DATABASE sample_demo WITH (FORCE)"))


def test_the_drills_few_people_have_names_tastes_and_items_that_are_called_something(dsn: str) -> None:
    said: list[str] = []
    here = demo()

    told = here.few(dsn, said.append)
    read = application.read(dsn, installed().use_cases, here)

    assert "200 generated users" in told and len(read.names) == 200
    assert read.liked_topics
    for name, facts in read.use_cases.items():
        items = {item for liked in facts.liked.values() for item in liked}
        assert items and (name not in here.labels or items <= facts.labels.keys())
    assert here.labels.keys() <= read.use_cases.keys()
