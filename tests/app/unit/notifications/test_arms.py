"""Notifications tell everybody of the list that their arm of an experiment gets, and name it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pipeline.experiments.assignment import assigned
from pipeline.experiments.items import current_key
from pipeline.generations import Generations
from pipeline.notifications import inbox
from pipeline.notifications.messages import push_message
from pipeline.notifications.plan import Plan, Planned, plan_notifications
from pipeline.notifications.recipients import COLUMNS, Recipient
from pipeline.notifications.shards import Lists, Shard, notify_shard
from pipeline.notifications.telling import Teller
from pipeline.regions.epochs import Epochs
from pipeline.regions.fence import Fence
from pipeline.serving_items import list_item, user_key
from pipeline.storage import Bucket
from tests.app.support.experiments.experimenting import experiment, put_experiment
from tests.app.support.in_memory import REGION
from tests.app.support.notifying import RECIPIENT, WORDS

TABLE, RUN = "recs-test-serving", "20261121T195012345"
USERS = [str(number) for number in range(40)]
RUNNING = experiment(version=3, exposure=8_000)


@pytest.fixture
def published(dynamodb: Any) -> Any:
    """Everybody but the first five has a list of both variants."""
    for variant, generation in (("personalize", "g1"), ("own", "g2")):
        for user in USERS[5:]:
            listed = list_item(
                user_key("programs", user), f"{variant}#{generation}", [variant], 4_000_000_000
            )
            dynamodb.put_item(TableName=TABLE, Item=listed)
        generations = Generations(dynamodb, TABLE, "programs", variant)
        generations.store(generation, [f"{variant}-popular"], users=35, expires=4_000_000_000)
        generations.publish(generation, users=35)
    put_experiment(dynamodb, "programs", RUNNING)
    return dynamodb


def planned(bucket: Bucket, dynamodb: Any, others: tuple[str, ...] = ("own",)) -> Planned:
    rows = [f"{user},,en,yes,no,no,no,no," for user in USERS]
    bucket.write("r.csv", "\n".join([",".join(COLUMNS), *rows, ""]).encode(), "text/csv")
    items = [f"{name},{name}" for name in ("own", "personalize", "own-popular", "personalize-popular")]
    bucket.write("i.csv", "\n".join(["ITEM_ID,TITLE", *items, ""]).encode(), "text/csv")
    plan = Plan(
        notification="weekly", use_case="programs", variant="personalize", run=RUN, time_zone="UTC",
        recipients_key="r.csv", items_key="i.csv", users_per_shard=100, sends_emails=False, others=others,
    )  # fmt: skip
    generations = Generations(dynamodb, TABLE, "programs", "personalize")
    fence = Fence(Epochs(dynamodb, TABLE, REGION, REGION))
    return plan_notifications(bucket, generations, fence, None, plan)


def told(bucket: Bucket, dynamodb: Any, plan: Planned) -> dict[str, tuple[Any, ...]]:
    """By user: variant, generation, experiment and first item, of messages."""
    found: dict[str, tuple[Any, ...]] = {}

    class Recording:
        content = type("Content", (), {"titles": bucket.read_json(f"{plan['folder']}titles.json")})()

        def tell(self, recipient: Recipient, items: Any) -> dict[str, Any]:
            found[recipient.user] = (
                *(recipient.variant, recipient.generation, recipient.experiment, items[0]),
            )
            return {}

    lists = Lists(dynamodb, TABLE, "programs", "personalize", "g1")
    teller: Any = Recording()
    shard = Shard(key=f"{plan['folder']}shard-00000.jsonl", number=0, users=len(USERS))
    notify_shard(
        bucket, lists, teller, shard, folder=plan["folder"], first=0, dry_run=False, has_time=lambda: True
    )
    return found


def test_everybody_is_told_of_the_list_of_their_arm(bucket: Bucket, published: Any) -> None:
    found = told(bucket, published, planned(bucket, published))

    treated = [user for user in USERS if assigned(RUNNING, user).variant == "own"]
    assert 5 < len(treated) < 30
    for user in USERS:
        name = "own" if user in treated else "personalize"
        item = f"{name}-popular" if user in USERS[:5] else name
        assert found[user] == (*(("own", "g2") if name == "own" else (None, None)), 3, item)


def test_who_has_no_list_of_the_due_variant_is_told_of_the_default_ones(
    bucket: Bucket, published: Any
) -> None:
    plan = planned(bucket, published)
    treated = [user for user in USERS if assigned(RUNNING, user).variant == "own"]
    gone = [(user_key("programs", user), "own#g2") for user in USERS[5:]] + [("popular#programs", "own#g2")]
    for pk, sk in gone:
        published.delete_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})

    found = told(bucket, published, plan)

    assert {found[user] for user in treated if user not in USERS[:5]} == {(None, None, 3, "personalize")}
    assert {found[user] for user in treated if user in USERS[:5]} <= {(None, None, 3, "personalize-popular")}


@pytest.mark.parametrize("state", ["missing", "broken", "stopped", "returned", "unpublished", "one variant"])
def test_otherwise_everybody_is_told_of_the_default_variants_list(
    bucket: Bucket, published: Any, state: str
) -> None:
    others: tuple[str, ...] = ("own",)
    if state == "one variant":
        others = ()
    elif state == "unpublished":
        published.delete_item(TableName=TABLE, Key={"pk": {"S": "pointer#programs"}, "sk": {"S": "own"}})
    elif state in ("stopped", "returned"):
        put_experiment(published, "programs", replace(RUNNING, state=state))
    else:
        published.delete_item(TableName=TABLE, Key=current_key("programs"))
        if state == "broken":
            published.put_item(TableName=TABLE, Item={**current_key("programs"), "state": {"S": "x"}})

    found = told(bucket, published, planned(bucket, published, others))

    assigns = state in ("returned", "unpublished")
    assert {who[:3] for who in found.values()} == {(None, None, 3 if assigns else None)}
    assert {who[3] for who in found.values()} == {"personalize", "personalize-popular"}


def test_lines_of_a_use_case_of_one_variant_are_what_they_were(bucket: Bucket, published: Any) -> None:
    plan = planned(bucket, published, ())

    first, *_ = bucket.open(f"{plan['folder']}shard-00000.jsonl").read().splitlines()

    assert set(json.loads(first)) == {
        *("user", "email", "language", "in_app", "push", "emails", "quiet", "engaged", "own"),
        "suppressed",
    }


def test_a_run_that_began_before_a_column_was_renamed_goes_on() -> None:
    line = RECIPIENT.as_line()
    before = {**{key: value for key, value in line.items() if key != "engaged"}, "active_program": True}

    assert Recipient.of_line(before) == replace(RECIPIENT, engaged=True)


def test_a_message_names_its_list_and_the_version_for_events(teller: Teller) -> None:
    treated = replace(RECIPIENT, push=False, emails=False, variant="own", generation="g2", experiment=3)

    teller.tell(treated, ("1", "2"))

    page = inbox.read_page(
        teller.claims.table, "7", limit=5, cursor=None, now=1_800_000_000, denied=lambda _use_case: ()
    )
    [entry] = page.entries
    assert (entry["variant"], entry["generation"], entry["experiment"]) == ("own", "g2", 3)
    message = json.loads(push_message(teller.content.to(treated), WORDS, "1").text)
    assert json.loads(message["GCM"])["fcmV1Message"]["message"]["data"]["experiment"] == "3"
