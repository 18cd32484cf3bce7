"""The inbox, devices and unsubscribing over HTTP: who may do what, and what is refused."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from api import notifications
from api.environment import api_environment
from pipeline.notifications.table import NotificationTable, inbox_sk, key, user_pk
from pipeline.notifications.unsubscribing import UnsubscribeLinks
from pipeline.openapi.document import document
from pipeline.serving.settings import ApiSettings
from pipeline.withholding.deny_list import DenyList
from tests.app.support.gateway_events import BACKEND, CONTEXT, event, user

TABLE, SECRET = "recs-test-serving", "recs-test-unsubscribe-links"
ENTRY = "2026-W47.weekly_programs"
PHONE = {"deviceId": "phone", "platform": "android", "token": "t1"}


@pytest.fixture
def table(dynamodb: Any, secrets: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[NotificationTable]:
    """An entry for user 7, a secret, and an application for android only."""
    secrets.create_secret(Name=SECRET, SecretString="secret")
    sns = boto3.client("sns", region_name="eu-west-1")
    made = sns.create_platform_application(Name="app", Platform="GCM", Attributes={"PlatformCredential": "x"})
    for name, value in {
        "STAGE": "test",
        "USER_CLAIM": "sub",
        "NOTIFICATIONS_TABLE": TABLE,
        "SERVING_TABLE": TABLE,
        "UNSUBSCRIBE_SECRET": SECRET,
        "PUSH_APPLICATIONS": json.dumps({"android": made["PlatformApplicationArn"]}),
    }.items():
        monkeypatch.setenv(name, value)
    kept = (
        notifications._environment,
        notifications._client,
        notifications._links,
        notifications._deny_lists,
        api_environment,
    )
    for cached in kept:
        cached.cache_clear()
    item = {**key(user_pk("7"), inbox_sk(ENTRY)), "expires": {"N": "4000000000"}, "title": {"S": "New"}}
    dynamodb.put_item(TableName=TABLE, Item=item)
    yield NotificationTable(dynamodb, TABLE)
    for cached in kept:
        cached.cache_clear()


def ask(route: str, **details: Any) -> tuple[int, Any]:
    answer = notifications.lambda_handler(event(route, **details), CONTEXT)
    text = answer.get("body", "")
    return answer["statusCode"], json.loads(text) if text.startswith(("{", "[")) else text


READ = ("POST /v1/inbox/{entryId}/read", {"path": {"entryId": ENTRY}})
FORGET = ("DELETE /v1/devices/{deviceId}", {"path": {"deviceId": "phone"}})


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("route", "details"),
    [("GET /v1/inbox", {}), READ, ("PUT /v1/devices", {"body": PHONE}), FORGET],
    ids=["inbox", "read", "register", "forget"],
)
def test_a_user_s_things_are_the_user_s_own(route: str, details: dict[str, Any]) -> None:
    def named(name: str) -> dict[str, Any]:
        if "body" in details:
            return {**details, "body": {**details["body"], "userId": name}}
        return {**details, "query": {"userId": name}}

    assert ask(route, **details)[0] == 401
    assert ask(route, **named("7"))[0] == 401
    assert ask(route, **named("8"), authorizer=user("7"))[0] == 403
    assert ask(route, **details, authorizer=BACKEND)[0] == 403
    assert ask(route, **named("7"), authorizer=user("7"))[0] in (200, 204)
    assert ask(route, **named("7"), authorizer=BACKEND)[0] in (200, 204)
    assert ask(route, **details, authorizer=user("7"))[0] in (200, 204)


@pytest.mark.usefixtures("table")
def test_the_inbox_of_another_user_is_empty_and_its_entries_are_not_found() -> None:
    assert ask("GET /v1/inbox", authorizer=user("8")) == (200, {"entries": []})
    assert ask(*READ[:1], path={"entryId": ENTRY}, authorizer=user("8"))[0] == 404
    assert ask(*READ[:1], path={"entryId": "../x"}, authorizer=user("7"))[0] == 404


@pytest.mark.usefixtures("table")
def test_reading_an_entry_marks_it() -> None:
    [entry] = ask("GET /v1/inbox", authorizer=user("7"))[1]["entries"]
    assert (entry["entryId"], entry["read"]) == (ENTRY, False)
    assert ask(READ[0], **READ[1], authorizer=user("7"))[1]["read"]
    [entry] = ask("GET /v1/inbox", authorizer=user("7"))[1]["entries"]
    assert entry["read"] and entry["readAt"]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "51"}, {"limit": "x"}, {"cursor": "?"}, {"unknown": "1"}]
)
def test_a_mistaken_question_is_refused(query: dict[str, str]) -> None:
    assert ask("GET /v1/inbox", query=query, authorizer=user("7"))[0] == 400


@pytest.mark.usefixtures("table")
def test_every_mistake_of_a_device_is_told_at_once() -> None:
    body = {"deviceId": "", "platform": "fridge", "token": "a\nb", "colour": "red"}
    status, problem = ask("PUT /v1/devices", body=body, authorizer=user("7"))
    assert status == 400
    where = {mistake["where"] for mistake in problem["errors"]}
    assert where == {"body.deviceId", "body.platform", "body.token", "body.colour"}
    ios = {**PHONE, "platform": "ios"}
    assert ask("PUT /v1/devices", body=ios, authorizer=user("7"))[0] == 400


def described() -> dict[str, Any]:
    settings = {"stage": "test", "authorization": "jwt", "endpoints": [], "notifies": True}
    return document(ApiSettings.from_json(json.dumps(settings)))


@pytest.mark.usefixtures("table")
def test_the_description_has_the_limits_that_are_enforced() -> None:
    found = described()
    [limit] = [
        one["schema"] for one in found["paths"]["/v1/inbox"]["get"]["parameters"] if one["name"] == "limit"
    ]
    token = found["components"]["schemas"]["Device"]["properties"]["token"]
    for name, schema, ask_for in (
        (
            "limit",
            (limit["minimum"], limit["maximum"]),
            lambda n: ("GET /v1/inbox", {"query": {"limit": str(n)}}),
        ),
        (
            "token",
            (token["minLength"], token["maxLength"]),
            lambda n: ("PUT /v1/devices", {"body": {**PHONE, "token": "t" * n}}),
        ),
    ):
        least, most = schema
        answers = []
        for value in (least - 1, least, most, most + 1):
            route, details = ask_for(value)
            answers.append(ask(route, **details, authorizer=user("7"))[0])
        assert answers == [400, 200, 200, 400], name


def test_the_description_takes_the_link_of_the_longest_id() -> None:
    [parameter] = described()["paths"]["/v1/unsubscribe"]["get"]["parameters"]

    assert parameter["schema"]["maxLength"] == len(UnsubscribeLinks("secret").token("\U0001f600" * 256))


def test_a_registered_device_gets_pushes_until_it_is_forgotten(table: NotificationTable) -> None:
    status, answer = ask("PUT /v1/devices", body=PHONE, authorizer=user("7"))
    assert (status, answer) == (200, {"deviceId": "phone", "platform": "android"})
    assert [device.id for device in table.state("7", "2026-W47", "weekly").devices] == ["phone"]
    for _ in range(2):
        assert ask(FORGET[0], **FORGET[1], authorizer=user("7"))[0] == 204
    assert not table.state("7", "2026-W47", "weekly").devices


def unsubscribed(table: NotificationTable) -> bool:
    return table.state("7", "2026-W47", "weekly").unsubscribed


def test_following_the_link_changes_nothing_and_the_button_unsubscribes(table: NotificationTable) -> None:
    token = {"token": UnsubscribeLinks("secret").token("7")}
    status, page = ask("GET /v1/unsubscribe", query=token)
    assert status == 200 and '<form method="post">' in page and not unsubscribed(table)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        status, page = ask(
            "POST /v1/unsubscribe", query=token, headers=form, body="List-Unsubscribe=One-Click"
        )
        assert status == 200 and "You are unsubscribed" in page and unsubscribed(table)


def test_the_page_promises_no_way_back_and_an_operator_has_one(table: NotificationTable) -> None:
    token = {"token": UnsubscribeLinks("secret").token("7")}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    page = ask("POST /v1/unsubscribe", query=token, headers=form, body="List-Unsubscribe=One-Click")[1]
    assert "In the app nothing changes." in page and "again" not in page
    text = Path(__file__).parents[4].joinpath("docs/notifications.md").read_text(encoding="utf-8")
    [documented] = re.findall(r"delete-item .*\\\n +--key '(.+)'", text)
    item = json.loads(documented.replace("<user>", "7"))
    assert unsubscribed(table)
    table.client.delete_item(TableName=TABLE, Key=item)
    assert not unsubscribed(table)


@pytest.mark.parametrize("token", ["", "x", UnsubscribeLinks("another").token("7")])
def test_a_link_that_was_not_made_here_unsubscribes_nobody(table: NotificationTable, token: str) -> None:
    for method in ("GET", "POST"):
        assert ask(f"{method} /v1/unsubscribe", query={"token": token})[0] == 404
    assert not unsubscribed(table)


def test_the_secret_of_links_is_in_no_log_of_them() -> None:
    assert "hush" not in repr(UnsubscribeLinks("hush"))


def test_whoever_prints_the_links_sees_no_secret() -> None:
    assert "swordfish" not in repr(UnsubscribeLinks("swordfish"))


def test_entries_about_what_is_denied_are_not_in_the_inbox(table: NotificationTable) -> None:
    about = {"useCase": {"S": "programs"}, "itemId": {"S": "1"}, "expires": {"N": "4000000000"}}
    for week in (48, 49):
        item = {**key(user_pk("7"), inbox_sk(f"2026-W{week}.weekly_programs")), **about}
        table.client.put_item(TableName=TABLE, Item={**item, "itemId": {"S": str(week)}})
    denied = DenyList(table.client, TABLE, "programs", time.time)
    denied.deny(["49"], until=None, reason="", by="ann")

    status, first = ask("GET /v1/inbox", authorizer=BACKEND, query={"userId": "7", "limit": "1"})
    assert (status, first["entries"]) == (200, [])
    query = {"userId": "7", "cursor": first["nextCursor"]}
    _, rest = ask("GET /v1/inbox", authorizer=BACKEND, query=query)
    assert [entry["entryId"] for entry in rest["entries"]] == ["2026-W48.weekly_programs", ENTRY]
