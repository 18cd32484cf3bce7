"""What the demo reads back: the application's database, and the serving table through its pointer."""

import asyncio
import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import boto3
import pytest
from moto import mock_aws

from config.derived.recipes import recommends_for_items
from config.use_cases import USE_CASES
from local_cloud import status
from local_cloud.demo import application, collect, serving_table
from local_cloud.demo.application import Application, UseCaseFacts
from local_cloud.demo.executions import Run
from local_cloud.demo.next_steps import next_steps
from local_cloud.demo.report import Alike
from local_cloud.demo.serving_table import Served
from local_cloud.ground.settings import Settings
from operations.cli import parser
from pipeline.extract.database import Database
from pipeline.generations import Generations
from pipeline.terms import Term
from tests.app.support.business.data import load
from tests.app.support.business.demo import DEMO

BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)
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
    told = status.served(Generations(dynamodb, "serving", "posts", "personalize"))
    assert told.words == f"generation {LATER}, 3,000 users, of eu-central-1 in epoch 1"


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
    assert all(
        set(programs.liked.get(user, ())) == programs.own.get(user, set()) for user in programs.audience
    )
    assert any(posts.own[user] - set(posts.liked.get(user, ())) for user in posts.audience)


def test_every_item_has_a_title_or_a_name(facts: Application) -> None:
    for of in personal(facts):
        assert not of.labels or all(of.labels[item] for liked in of.liked.values() for item in liked)


def test_what_was_merely_viewed_is_not_chosen(facts: Application) -> None:
    programs, posts = facts.use_cases["training_programs"], facts.use_cases["posts"]
    assert (programs.kinds, posts.kinds) == (("join", "complete"), ("like", "comment"))
    assert facts.use_cases["users_to_follow"].kinds == ("follow",)
    similar = facts.use_cases["similar_programs"]
    assert similar.kinds == () and similar.liked


def test_similar_items_are_shown_for_what_most_people_chose_and_has_a_list() -> None:
    liked = {"1": ("b", "a"), "2": ("b", "c"), "3": ("c", "d")}
    facts = UseCaseFacts(frozenset("abcd"), {}, liked, {"b": "Bee"})
    served = Served(GENERATION, {"a": ("b", "x"), "b": ("y",), "c": (), "d": ("a",)}, {})

    assert collect.alike("similar", facts, served) == [
        Alike("similar", "Bee", ("y",)), Alike("similar", "a", ("Bee", "x")), Alike("similar", "d", ("a",)),
    ]  # fmt: skip
    assert collect.alike("similar", facts, None) == []


def test_where_to_look_next_names_what_is_there_after_the_exports_that_it_needs(tmp_path: Path) -> None:
    served = {
        "similar": Served("G0", {"item": ("x",)}, {}),
        "nothing": None,
        "posts": Served(GENERATION, {"o'hara": ("a",), "8": ()}, {}),
    }
    run = Run("arn:of:the:run", {"useCase": "posts"}, BEGIN, BEGIN, ())

    steps = next_steps(Settings(state_dir=tmp_path), [run], served, ["8", "o'hara"])

    commands = [command.replace("\\\n", "") for _, command in steps]
    assert commands[0] == f'eval "$(python -m local_cloud env --folder {tmp_path})"'
    words = [shlex.split(command) for command in commands[1:]]
    assert ["--use-case", "posts", "--user", "o'hara"] == words[0][-4:]
    key = json.loads(words[1][-1])
    assert key == {"pk": {"S": "user#posts#o'hara"}, "sk": {"S": f"personalize#{GENERATION}"}}
    assert words[3][-1] == "arn:of:the:run"
    assert commands[-1] == f"python -m local_cloud down --folder {tmp_path}"
    for command in words[0], words[2]:
        parser().parse_args(command[3:])
