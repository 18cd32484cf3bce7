"""Loading into a real PostgreSQL, and the use cases' queries on what was loaded."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import asyncpg
import pytest

from config.notifications import NOTIFICATIONS
from config.schema import DatasetType, UseCase
from config.use_cases import USE_CASES
from operations.cli import main as operations
from pipeline.extract.database import Database
from sample_database import generated
from sample_database.__main__ import main
from sample_database.generated import Scale
from sample_database.load import LoadFailed, load
from sample_database.tables import Community, Events, EventTable
from tests.app.support.installed import installed

SMALL = Scale(users=1_000, posts=300)


@pytest.fixture(scope="module")
def server(database: Database) -> str:
    """A URL that lacks the database's name."""
    place = f"{database.host}:{database.port}"
    return f"postgresql://{database.username}:{quote(database.password)}@{place}/"


@pytest.fixture(scope="module")
def loaded(server: str) -> Iterator[str]:
    with new_database(server, "sample_loaded") as dsn:
        load(dsn, generated.community(SMALL))
        yield dsn


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    with new_database(server, "sample_empty") as dsn:
        yield dsn


@contextmanager
def new_database(server: str, name: str) -> Iterator[str]:
    run(f"{server}postgres", f"CREATE DATABASE {name}")
    yield f"{server}{name}"
    run(f"{server}postgres", f"DROP DATABASE {name} WITH (FORCE)")


def rows(dsn: str, query: str) -> list[Any]:
    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            return list(await connection.fetch(query))
        finally:
            await connection.close()

    return asyncio.run(fetch())


def run(dsn: str, statement: str) -> None:
    async def execute() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(execute())


def test_every_row_that_was_made_is_in_the_database(empty: str) -> None:
    content = generated.community(SMALL)
    result = load(empty, content)
    for table in content.tables:
        made = sum(len(batch) for batch in table.batches())
        assert result.rows[table.name] == made == rows(empty, f"SELECT count(*) FROM {table.name}")[0][0]


def test_events_arrive_as_they_were_made(loaded: str) -> None:
    [table] = [table for table in generated.community(SMALL).tables if table.name == "program_events"]
    assert isinstance(table, EventTable)
    made: Counter[tuple[int, int, str, int]] = Counter()
    for batch in table.batches():
        assert isinstance(batch, Events) and batch.kinds is not None
        kinds = (table.kinds[code] for code in batch.kinds)
        ids = (batch.subjects.tolist(), batch.objects.tolist())
        made.update(zip(*ids, kinds, batch.times.tolist(), strict=True))
    query = (
        "SELECT user_id, program_id, event_type, extract(epoch FROM occurred_at)::bigint FROM program_events"
    )
    assert Counter(tuple(row) for row in rows(loaded, query)) == made


def test_loading_again_replaces_everything_and_keeps_the_references(empty: str) -> None:
    load(empty, generated.community(SMALL))
    before = rows(empty, "SELECT count(*) FROM pg_constraint WHERE contype IN ('f', 'p', 'c')")
    result = load(empty, generated.community(Scale(users=300, posts=100)))
    assert result.rows["users"] == 300
    assert rows(empty, "SELECT count(*) FROM users")[0][0] == 300
    assert rows(empty, "SELECT count(*) FROM pg_constraint WHERE contype IN ('f', 'p', 'c')") == before
    references = rows(empty, "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated")
    assert references[0][0] == 9


def test_a_dangling_reference_fails_the_load_and_changes_nothing(empty: str) -> None:
    good = generated.community(Scale(users=300, posts=100))
    load(empty, good)
    without_posts = tuple(table for table in good.tables if table.name != "posts")
    with pytest.raises(LoadFailed, match=r"nothing was changed.*post_events_post_id_fkey"):
        load(empty, Community("broken", without_posts))
    assert rows(empty, "SELECT count(*) FROM posts")[0][0] == 100


def test_a_strangers_table_is_not_touched(empty: str) -> None:
    run(empty, "CREATE TABLE users (id int); INSERT INTO users VALUES (7)")
    with pytest.raises(LoadFailed, match=r"holds something else: users; nothing was changed"):
        load(empty, generated.community(SMALL))
    assert rows(empty, "SELECT id FROM users")[0][0] == 7


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("CREATE TABLE customers (id int)", "customers"),
        ("CREATE SCHEMA shop; CREATE TABLE shop.orders (id int)", "shop.orders"),
        ("CREATE VIEW active AS SELECT id FROM users", "active"),
        ("".join(f"CREATE TABLE t{n} (id int);" for n in range(7)), "t0, t1, t2, t3, t4 and 2 more"),
    ],
    ids=["a table", "another schema", "a view of the sample", "many"],
)
def test_a_database_that_holds_something_else_is_refused_and_stays_as_it_was(
    empty: str, made: str, named: str
) -> None:
    small = Scale(users=50, posts=20)
    load(empty, generated.community(small))
    run(empty, made)
    with pytest.raises(LoadFailed, match=f"holds something else: {named}; nothing was changed"):
        load(empty, generated.community(Scale(users=60, posts=20)))
    assert rows(empty, "SELECT count(*) FROM users")[0][0] == 50


def test_an_unreachable_database_is_named_as_such() -> None:
    with pytest.raises(LoadFailed, match="cannot connect to the database"):
        load("postgresql://nobody@localhost:1/none", generated.community(SMALL))


def test_progress_ends_with_every_table_complete(empty: str) -> None:
    seen: dict[str, int] = {}
    result = load(
        empty,
        generated.community(SMALL),
        lambda table, count, done: seen.update({table: count} if done else {}),
    )
    assert seen == result.rows


def test_what_a_newcomer_loads_is_data_of_now_that_the_checks_of_a_stage_accept(
    empty: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stage leaves out whoever was not active in the last 30 days, and queries look back from now."""
    assert main(["load", "--dsn", empty, "--source", "generated", "--users", "400", "--posts", "100"]) == 0
    capsys.readouterr()

    code = operations(["check", "--dsn", f"{empty}?sslmode=disable", "--stage", "dev"])

    assert code == 0, capsys.readouterr().out
    newest = rows(empty, "SELECT now() - max(occurred_at) FROM post_events")[0][0]
    assert newest < timedelta(days=3)


def test_the_command_line_loads_and_says_how_much(empty: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["load", "--dsn", empty, "--source", "generated", "--users", "200", "--posts", "50"])
    output = capsys.readouterr().out
    assert code == 0
    assert "200 generated users" in output and "MovieLens" not in output
    assert rows(empty, "SELECT count(*) FROM users")[0][0] == 200


@pytest.mark.parametrize(
    ("use_case", "dataset"),
    [(use_case, dataset) for use_case in installed().use_cases for dataset in use_case.datasets],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_the_queries_answer_with_their_columns(loaded: str, use_case: UseCase, dataset: DatasetType) -> None:
    wanted = use_case.datasets[dataset]
    found = rows(loaded, wanted.query)
    assert found and list(found[0].keys()) == [column.name for column in wanted.columns]
    required = [column.name for column in wanted.columns if not column.nullable]
    assert all(row[name] is not None for row in found for name in required)


@pytest.mark.parametrize("use_case", installed().use_cases, ids=lambda use_case: use_case.name)
def test_the_interactions_are_enough_for_personalize(loaded: str, use_case: UseCase) -> None:
    found = rows(loaded, use_case.interactions.query)
    per_user = Counter(row["USER_ID"] for row in found)
    assert len(found) >= 1_000
    assert sum(count >= 2 for count in per_user.values()) >= 25
    assert {row["EVENT_TYPE"] for row in found} == {event.name for event in use_case.event_types}


@pytest.mark.parametrize("use_case", installed().use_cases, ids=lambda use_case: use_case.name)
def test_interactions_refer_to_known_users_and_items(loaded: str, use_case: UseCase) -> None:
    found = rows(loaded, use_case.interactions.query)
    for dataset, column in ((DatasetType.USERS, "USER_ID"), (DatasetType.ITEMS, "ITEM_ID")):
        if other := use_case.datasets.get(dataset):
            assert {row[column] for row in found} <= {row[column] for row in rows(loaded, other.query)}


def test_the_generated_community_passes_the_checks_of_its_configuration(
    loaded: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operations(["check", "--dsn", f"{loaded}?sslmode=disable", "--json"]) == 0

    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert found.keys() == {one.name for one in USE_CASES} | {one.name for one in NOTIFICATIONS}
    assert not any(one["refused"] or one["warnings"] for one in found.values())
    for use_case in USE_CASES:
        [interactions] = [one for one in found[use_case.name]["datasets"] if one["dataset"] == "interactions"]
        assert interactions["eventTypes"].keys() == {event.name for event in use_case.event_types}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--users 1 --posts 0", "users must be at least 2; posts must be at least 2"),
        ("--seed -1", "seed must not be negative"),
        ("--source nope", "invalid choice: 'nope'"),
        ("--until yesterday", "'yesterday' must be a day such as 2026-11-20"),
    ],
)
def test_arguments_that_cannot_be_end_with_2_and_usage(
    words: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["load", "--dsn", "postgresql://me@there/app", *words.split()])

    said = capsys.readouterr().err
    assert said.startswith("usage: ") and told in said
