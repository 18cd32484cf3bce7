"""A run of notifications: its week, its plan, its shards, its report; links and the inbox."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.notifications import NOTIFICATIONS
from config.rules import check
from config.schema import EmailSender, Notifying, PushApplication
from config.types.errors import ConfigError
from config.use_cases import USE_CASES
from pipeline.errors import GenerationMissing, ShardIncomplete
from pipeline.generations import Generations
from pipeline.notifications import inbox
from pipeline.notifications.choices import Outcome, recommended
from pipeline.notifications.plan import Plan, Planned, plan_notifications
from pipeline.notifications.recipients import COLUMNS, Recipient
from pipeline.notifications.report import read_report
from pipeline.notifications.shards import Lists, Progress, Shard, notify_shard
from pipeline.notifications.table import NotificationTable, inbox_sk, key, user_pk
from pipeline.notifications.unsubscribing import InvalidToken, UnsubscribeLinks
from pipeline.notifications.weeks import week_in_doubt, week_of
from pipeline.regions.epochs import Epochs
from pipeline.regions.fence import Fence
from pipeline.storage import Bucket
from tests.app.support.business.stages import STAGES
from tests.app.support.in_memory import REGION

TABLE, RUN = "recs-test-serving", "20261121T195012345"
[NOTIFICATION] = [one for one in NOTIFICATIONS if one.name == "weekly_programs"]


@pytest.mark.parametrize(
    ("run", "zone", "week"),
    [
        ("20261122T223000000", "Europe/Berlin", "2026-W47"),
        ("20261122T233000000", "Europe/Berlin", "2026-W48"),
        ("20261122T233000000", "UTC", "2026-W47"),
        ("20270101T120000000", "UTC", "2026-W53"),
        ("20261123T040000000", "America/New_York", "2026-W47"),
    ],
)
def test_the_week_is_that_of_the_stage_s_clock_when_the_run_started(run: str, zone: str, week: str) -> None:
    assert week_of(run, zone) == week


@pytest.mark.parametrize(
    ("since", "week"), [("2026-11-22T22:59:59Z", "2026-W47"), ("2026-11-22T23:00:00Z", "2026-W48")]
)
def test_a_lost_region_may_have_been_an_hour_ahead(since: str, week: str) -> None:
    assert week_in_doubt(since, "UTC") == week


def test_only_a_plain_yes_is_consent_and_only_a_plain_no_is_not_quiet() -> None:
    row = ["7", "a@example.com", "DE", "yes", "YES", "true", "", "no", "1|2"]
    recipient = Recipient.of_row(row, frozenset({"a@example.com"}))
    assert (recipient.in_app, recipient.push, recipient.emails, recipient.quiet) == (True, False, False, True)
    assert recipient.own == ("1", "2") and recipient.suppressed and recipient.language == "de"


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "a@b.c, d@e.f", '"x y"@example.com', "a\n@b.c"])
def test_what_is_not_one_address_is_none(address: str) -> None:
    row = ["7", address, "", "yes", "yes", "yes", "no", "no", ""]
    assert Recipient.of_row(row, frozenset()).email is None


def test_nothing_is_recommended_that_the_user_has_or_that_is_gone() -> None:
    assert recommended(["1", "2", "9"], ["2", "3"], {"1"}, {"1", "2", "3"}) == ("2", "3")
    assert recommended(None, ["2", "3"], {"2"}, {"2", "3"}) == ("3",)


@given(st.text(min_size=1, max_size=64).filter(lambda t: t.isprintable()), st.text(min_size=1, max_size=20))
def test_a_link_names_its_user_and_no_other_secret_makes_it(user: str, secret: str) -> None:
    token = UnsubscribeLinks("right" + secret).token(user)
    assert UnsubscribeLinks("right" + secret).verified_user(token) == user
    with pytest.raises(InvalidToken):
        UnsubscribeLinks("wrong" + secret).verified_user(token)


@given(st.integers(min_value=0, max_value=51), st.characters(codec="ascii"))
def test_a_changed_link_is_no_link(place: int, character: str) -> None:
    links = UnsubscribeLinks("secret")
    token = links.token("12345")
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        with pytest.raises(InvalidToken):
            links.verified_user(changed)


class Suppression:
    def list_suppressed_destinations(self, **request: Any) -> dict[str, Any]:
        if "NextToken" in request:
            return {"SuppressedDestinationSummaries": [{"EmailAddress": "TWO@example.com"}]}
        return {"SuppressedDestinationSummaries": [], "NextToken": "more"}


class Recording:
    """In place of a Teller: everybody is told of the first item."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[str, ...]]] = []
        self.content = type("Content", (), {"titles": {"1": "One", "2": "Two"}})()

    def tell(self, recipient: Recipient, items: Any) -> dict[str, Outcome]:
        self.told.append((recipient.user, tuple(items)))
        return {"in_app": Outcome("sent"), "push": Outcome("skipped", "no_device"), "email": Outcome("sent")}


def planned(bucket: Bucket, dynamodb: Any) -> Planned:
    header = ",".join(COLUMNS)
    words = {1: "one", 2: "two", 3: "three"}
    rows = [f"{n},{words[n]}@example.com,en,yes,yes,yes,no,no," for n in words]
    bucket.write("r.csv", "\n".join([header, *rows, ""]).encode(), "text/csv")
    bucket.write("i.csv", b"ITEM_ID,TITLE\n1,One\n2,Two\n", "text/csv")
    plan = Plan(
        notification="weekly", use_case="programs", variant="personalize", run=RUN, time_zone="UTC",
        recipients_key="r.csv", items_key="i.csv", users_per_shard=2, sends_emails=True,
    )  # fmt: skip
    generations = Generations(dynamodb, TABLE, "programs", "personalize")
    fence = Fence(Epochs(dynamodb, TABLE, REGION, REGION))
    return plan_notifications(bucket, generations, fence, Suppression(), plan)


def publish(dynamodb: Any, generation: str) -> None:
    Generations(dynamodb, TABLE, "programs", "personalize").publish(generation, users=3)


def test_nothing_published_is_nothing_to_tell_of(bucket: Bucket, dynamodb: Any) -> None:
    with pytest.raises(GenerationMissing, match="programs"):
        planned(bucket, dynamodb)


def test_a_plan_pins_week_and_generation_and_marks_suppressed_addresses(
    bucket: Bucket, dynamodb: Any
) -> None:
    publish(dynamodb, "g1")
    plan = planned(bucket, dynamodb)
    assert (plan["epoch"], plan["week"], plan["generation"], plan["shards"], plan["users"]) == (
        *(0, "2026-W47"),
        *("g1", 2, 3),
    )
    lines = [
        json.loads(line) for line in bucket.open(f"{plan['folder']}shard-00000.jsonl").read().split(b"\n")
    ]
    assert [line["suppressed"] for line in lines] == [False, True]


def test_a_call_stops_before_its_time_is_up_and_the_next_goes_on(bucket: Bucket, dynamodb: Any) -> None:
    publish(dynamodb, "g1")
    plan = planned(bucket, dynamodb)
    lists = Lists(dynamodb, TABLE, "programs", "personalize", "g1")
    for pk, items in (("popular#programs", ["2"]), ("user#programs#1", ["1"])):
        listed = {"L": [{"S": item} for item in items]}
        dynamodb.put_item(
            TableName=TABLE, Item={"pk": {"S": pk}, "sk": {"S": "personalize#g1"}, "items": listed}
        )
    teller: Any = Recording()

    def call(number: int, first: int, users: int, has_time: list[bool]) -> Progress:
        shard = Shard(key=f"{plan['folder']}shard-0000{number}.jsonl", number=number, users=users)
        return notify_shard(
            bucket, lists, teller, shard, folder=plan["folder"], first=first, dry_run=False,
            has_time=lambda: has_time.pop(0),
        )  # fmt: skip

    assert call(0, 0, 2, [True, False]) == {"next": 1, "done": False}
    with pytest.raises(ShardIncomplete):
        read_report(bucket, "weekly", RUN)
    assert call(0, 1, 2, [True]) == {"next": 2, "done": True}
    assert call(1, 0, 1, [True]) == {"next": 1, "done": True}
    assert teller.told == [("1", ("1", "2")), ("2", ("2",)), ("3", ("2",))]
    report = read_report(bucket, "weekly", RUN)
    assert report.totals()["email"]["Sent"] == 3 and report.total("push", "skipped") == 3
    assert report.reasons() == [{"channel": "push", "outcome": "Skipped", "reason": "no_device", "users": 3}]


def test_the_inbox_comes_in_pages_newest_first_and_remembers_the_first_reading(dynamodb: Any) -> None:
    table = NotificationTable(dynamodb, TABLE)
    for week in (45, 46, 47):
        expires = 100 if week == 45 else 2_000_000_000
        item = {**key(user_pk("7"), inbox_sk(f"2026-W{week}.weekly")), "expires": {"N": str(expires)}}
        dynamodb.put_item(TableName=TABLE, Item={**item, "title": {"S": f"Week {week}"}})

    def nothing(_use_case: str) -> tuple[str, ...]:
        return ()

    first = inbox.read_page(table, "7", limit=1, cursor=None, now=1_800_000_000, denied=nothing)
    second = inbox.read_page(table, "7", limit=1, cursor=first.next_cursor, now=1_800_000_000, denied=nothing)
    assert [e["title"] for page in (first, second) for e in page.entries] == ["Week 47", "Week 46"]
    assert first.next_cursor and second.next_cursor is None
    read = inbox.mark_read(table, "7", "2026-W47.weekly", now=1_800_000_000)
    again = inbox.mark_read(table, "7", "2026-W47.weekly", now=1_900_000_000)
    assert read["read"] and again["readAt"] == read["readAt"]
    with pytest.raises(inbox.NoSuchEntry):
        inbox.mark_read(table, "8", "2026-W47.weekly", now=1_800_000_000)
    with pytest.raises(inbox.BadCursor):
        inbox.read_page(table, "7", limit=1, cursor="%%%", now=1, denied=nothing)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"use_case": "cakes"}, "use_case", "training_programs"),
        ({"email_items": 26}, "email_items", "25"),
        ({"item_url": "http://x/{item}"}, "item_url", "https"),
        ({"default_language": "fr"}, "default_language", "en, de"),
        ({"users_per_shard": 0}, "users_per_shard", "from 1"),
        ({"inbox_days": 7}, "inbox_days", "from 14"),
    ],
)
def test_a_broken_notification_is_told_before_anything_is_deployed(
    changes: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ConfigError) as error:
        check(STAGES, USE_CASES, (replace(NOTIFICATION, **changes),))
    [problem] = error.value.problems
    assert problem.field == field and words in problem.rule


def test_everything_wrong_with_how_a_stage_notifies_is_told_at_once() -> None:
    broken = Notifying(
        expression="rate(1 day)",
        time_zone="Europe/Atlantis",
        sender=EmailSender(name="A\nB", address="nobody"),
        push=(PushApplication(platform="fridge", arn="arn:aws:sns:eu-west-1:1:app/GCM/x"),),
    )
    with pytest.raises(ConfigError) as error:
        check((replace(STAGES[0], notifications=broken), *STAGES[1:]), USE_CASES)
    fields = {problem.field.removeprefix("notifications.") for problem in error.value.problems}
    assert fields == {"expression", "time_zone", "sender.address", "sender.name", "push.platform", "push.arn"}
