"""What the demo reads back: the application's database, and the serving table through its pointer."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import asyncpg
import boto3
import pytest
from moto import mock_aws

from config.derived.recipes import recommends_for_items
from config.use_cases import USE_CASES
from local_cloud import status
from local_cloud.demo import application, serving_table
from local_cloud.demo.application import Application, UseCaseFacts
from pipeline.extract.database import Database
from pipeline.generations import Generations
from pipeline.terms import Term
from tests.app.support.business.data import load
from tests.app.support.business.demo import DEMO

GENERATION, LATER = "20261121T120000000", "20261122T120000000"


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="serving",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        )
        yield client


def put(dynamodb: Any, pk: str, sk: str, **attributes: Any) -> None:
    dynamodb.put_item(TableName="serving", Item={"pk": {"S": pk}, "sk": {"S": sk}, **attributes})


def items(*ids: str) -> dict[str, Any]:
    return {"items": {"L": [{"S": id_} for id_ in ids]}, "expires": {"N": "1800000000"}}


def published(dynamodb: Any, generation: str, *, users: int = 250, epoch: int = 0) -> None:
    """By each region in an epoch of its own."""
    term = Term(epoch, "eu-central-1") if epoch else Term()
    generations = Generations(dynamodb, "serving", "posts", "personalize", term=term)
    generations.store(generation, ["p"], users=users, expires=1_800_000_000)
    generations.publish(generation, users=users)


def test_after_a_switch_the_demo_and_the_status_tell_what_the_active_region_has_published(
    dynamodb: Any,
) -> None:
    published(dynamodb, GENERATION)
    published(dynamodb, LATER, users=3_000, epoch=1)
    for generation, list_ in ((GENERATION, "old"), (LATER, "new")):
        put(dynamodb, "user#posts#7", f"personalize#{generation}", **items(list_))

    served = serving_table.read(dynamodb, "serving", "posts", "personalize", ["7"])

    assert served is not None
    assert (served.generation, served.lists) == (LATER, {"7": ("new",)})
    told = status.published(Generations(dynamodb, "serving", "posts", "personalize"))
    assert told == f"generation {LATER}, 3,000 users, of eu-central-1 in epoch 1"


def test_only_the_visible_generation_is_read(dynamodb: Any) -> None:
    published(dynamodb, GENERATION)
    for user in range(250):
        put(dynamodb, f"user#posts#{user}", f"personalize#{GENERATION}", **items(str(user), "x"))
    put(dynamodb, "user#posts#7", "personalize#20200101T000000000", **items("old"))
    put(dynamodb, "user#programs#7", f"personalize#{GENERATION}", **items("other"))
    served = serving_table.read(dynamodb, "serving", "posts", "personalize", map(str, range(260)))
    assert served is not None
    assert served.generation == GENERATION
    assert dict(served.lists) == {str(user): (str(user), "x") for user in range(250)}


def test_without_a_pointer_nothing_is_visible(dynamodb: Any) -> None:
    put(dynamodb, "user#posts#7", f"personalize#{GENERATION}", **items("a"))
    assert serving_table.read(dynamodb, "serving", "posts", "personalize", ["7"]) is None


def test_an_items_size_counts_names_values_and_the_lists_own_bytes() -> None:
    item = {"pk": {"S": "ab"}, "items": {"L": [{"S": "é"}, {"S": "xyz"}]}, "expires": {"N": "1800000000"}}
    assert serving_table.item_size(item) == (2 + 2) + (5 + 3 + (1 + 2) + (1 + 3)) + (7 + 6)


@pytest.fixture(scope="module")
def facts(database: Database) -> Application:
    server = f"postgresql://{database.username}:{quote(database.password)}@{database.host}:{database.port}"
    asyncio.run(create_database(f"{server}/postgres", "demo_readers"))
    load(f"{server}/demo_readers", posts=100)
    return application.read(f"{server}/demo_readers", USE_CASES, DEMO)


async def create_database(dsn: str, name: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()


def personal(facts: Application) -> list[UseCaseFacts]:
    """Of the use cases that recommend for users; the others have items as their audience."""
    return [facts.use_cases[use_case.name] for use_case in USE_CASES if not recommends_for_items(use_case)]


def test_everybody_is_in_every_audience_under_their_name(facts: Application) -> None:
    assert facts.names.keys() == {str(id_) for id_ in range(1, 301)}
    assert all(of.audience == facts.names.keys() for of in personal(facts))


def test_own_items_follow_the_use_cases_rule(facts: Application) -> None:
    follow, programs, posts = (
        facts.use_cases[name] for name in ("users_to_follow", "training_programs", "posts")
    )
    assert all(user in follow.own[user] for user in follow.audience)
    assert any(set(programs.liked[user]) - programs.own.get(user, frozenset()) for user in programs.audience)
    assert all(set(posts.liked[user]) == posts.own[user] for user in posts.audience)


def test_every_item_has_a_title_or_a_name(facts: Application) -> None:
    for of in personal(facts):
        assert not of.labels or all(of.labels[item] for liked in of.liked.values() for item in liked)


def test_what_was_completed_comes_before_what_was_only_viewed(facts: Application) -> None:
    programs = facts.use_cases["training_programs"]
    user = next(user for user in programs.audience if programs.own.get(user))
    liked, own = programs.liked[user], programs.own[user]
    assert set(liked[: len(own)]) == own
