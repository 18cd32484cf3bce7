"""Texts that cannot be kept are refused by name, and those kept from before do no harm to other records."""

import csv
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_server.data.columns import Column, Part, PartWriter
from personalize_server.jobs.batch_lines import error_line, parse_line
from personalize_server.jobs.segment_lines import parse_wish, wish_error
from tests.personalize_server.support.journey import ROLE, schema_text
from tests.personalize_server.support.shop import PERSONAL, Shop, soon
from tests.personalize_server.support.world import World, fresh_name

_HALF = "\ud800"
_REPLACEMENT = "\ufffd"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    opened = Shop(tmp_path_factory.mktemp("texts"))
    yield opened
    assert opened.server.stop() == 0


def events(
    world: World, *, user: str = "u1", session: str = "s1", **event: Any
) -> tuple[str, dict[str, Any]]:
    entry = {"eventType": "view", "sentAt": 1_700_000_000, "itemId": "i1", **event}
    request = {"trackingId": world.tracker["trackingId"], "userId": user, "sessionId": session}
    return "PutEvents", {**request, "eventList": [entry]}


def items(world: World, item: str = "i1", **properties: Any) -> tuple[str, dict[str, Any]]:
    entry = {"itemId": item, "properties": json.dumps({"genres": "Horror", **properties})}
    return "PutItems", {"datasetArn": world.datasets["Items"], "items": [entry]}


def users(world: World, user: str = "u1", **properties: Any) -> tuple[str, dict[str, Any]]:
    entry = {"userId": user, "properties": json.dumps({"age": 30, **properties})}
    return "PutUsers", {"datasetArn": world.datasets["Users"], "users": [entry]}


def actions(world: World, action: str = "a1", **properties: Any) -> tuple[str, dict[str, Any]]:
    entry = {"actionId": action, "properties": json.dumps(properties)}
    return "PutActions", {"datasetArn": world.datasets["Actions"], "actions": [entry]}


def action_events(world: World, **event: Any) -> tuple[str, dict[str, Any]]:
    entry = {"actionId": "a1", "userId": "u1", "sessionId": "s1", "timestamp": 1_700_000_000, **event}
    request = {"trackingId": world.action_tracking_id}
    return "PutActionInteractions", {**request, "actionInteractions": [{"eventType": "TAKEN", **entry}]}


def kept(shop: Shop) -> int:
    """The number of records that were put."""
    db = sqlite3.connect(shop.server.data / "state.sqlite3")
    [[count]] = db.execute("SELECT count(*) FROM put_records").fetchall()
    db.close()
    return int(count)


_Request = Callable[[World], tuple[str, dict[str, Any]]]
_IDS: Mapping[str, _Request] = {
    "userId": lambda world: events(world, user="nul\0x"),
    "sessionId": lambda world: events(world, session="s\n1"),
    "eventList.1.member.itemId": lambda world: events(world, itemId="i1\n"),
    "eventList.1.member.eventType": lambda world: events(world, eventType="vi\new"),
    "eventList.1.member.eventId": lambda world: events(world, eventId="e\0"),
    "eventList.1.member.recommendationId": lambda world: events(world, recommendationId="r\r"),
    "eventList.1.member.impression.2.member": lambda world: events(world, impression=["i1", "i\x7f"]),
    "items.1.member.itemId": lambda world: items(world, "i\t1"),
    "users.1.member.userId": lambda world: users(world, "\x85u"),
    "actions.1.member.actionId": lambda world: actions(world, "a\n1"),
    "actionInteractions.1.member.actionId": lambda world: action_events(world, actionId="a\0"),
    "actionInteractions.1.member.userId": lambda world: action_events(world, userId="u\n"),
    "actionInteractions.1.member.sessionId": lambda world: action_events(world, sessionId="\x1f"),
}


@pytest.mark.parametrize("member", _IDS)
def test_a_control_character_in_an_id_is_refused_by_the_members_name(shop: Shop, member: str) -> None:
    name, request = _IDS[member](shop.world)
    before = kept(shop)
    answer = shop.world.ask(name, **request)
    assert (answer.status, answer.code) == (400, "InvalidInputException")
    assert f"at '{member}' failed" in answer.content["message"]
    assert "must not contain control characters" in answer.content["message"]
    assert kept(shop) == before


def test_an_id_among_properties_has_no_control_characters_either(shop: Shop) -> None:
    answer = shop.world.ask("PutItems", **items(shop.world, item_id=["i1\0"])[1])
    assert (answer.status, answer.code) == (400, "InvalidInputException")
    assert "ITEM_ID" in answer.content["message"]


_PROPERTIES: Mapping[str, _Request] = {
    "a value of an item": lambda world: items(world, title=_HALF),
    "a value in a list": lambda world: items(world, genres=["Horror", f"half{_HALF}"]),
    "a key": lambda world: items(world, **{f"title{_HALF}": "whole"}),
    "a value of a user": lambda world: users(world, gender=f"f{_HALF}"),
    "a value of an event": lambda world: events(world, properties=json.dumps({"eventValue": _HALF})),
    "a key of an event": lambda world: events(world, properties=json.dumps({_HALF: 1})),
    "a key of an action": lambda world: actions(world, **{_HALF: "1"}),
    "a key of an action interaction": lambda world: action_events(world, properties=json.dumps({_HALF: 1})),
}


@pytest.mark.parametrize("case", _PROPERTIES)
def test_a_lone_surrogate_in_properties_is_refused(shop: Shop, case: str) -> None:
    name, request = _PROPERTIES[case](shop.world)
    before = kept(shop)
    answer = shop.world.ask(name, **request)
    assert (answer.status, answer.code) == (400, "InvalidInputException")
    assert "lone surrogate" in answer.content["message"]
    assert kept(shop) == before


def test_characters_of_two_surrogates_are_kept(shop: Shop) -> None:
    shop.put_item("i1", title="\U0001f600")
    campaign = shop.campaign(PERSONAL)
    soon(lambda: titles(shop, campaign, "i1") == {"i1": "\U0001f600"})


@pytest.mark.parametrize(
    "schema",
    [
        schema_text("Items", {"name": _HALF, "type": "string"}),
        schema_text("Items").replace('"Items"', '"Items\\ud800"'),
    ],
    ids=["a field's name", "the schema's name"],
)
def test_a_schema_with_a_lone_surrogate_is_refused(shop: Shop, schema: str) -> None:
    answer = shop.world.ask("CreateSchema", name=fresh_name(), schema=schema)
    assert (answer.status, answer.code) == (400, "InvalidInputException")


@pytest.mark.parametrize("levels", [900, 990, 994, 2000])
def test_a_schema_of_many_levels_is_kept_or_refused(shop: Shop, levels: int) -> None:
    text = schema_text("Items").replace('"version"', f'"doc": {"[" * levels}{"]" * levels}, "version"')
    answer = shop.world.ask("CreateSchema", name=fresh_name(), schema=text)
    assert answer.status == 200 or answer.code == "InvalidInputException"


def test_a_line_of_many_levels_is_asked_or_an_error_line() -> None:
    for levels in (*range(800, 1010), 1_000_000):
        line = f'{{"userId": "u1", "itemId": "i1", "x": {"[" * levels}{"]" * levels}}}'.encode()
        question = parse_line(line, "USER_PERSONALIZATION")
        wish = parse_wish(line, by_attributes=False)
        assert error_line(question, "").endswith("\n") and wish_error(wish, "").endswith("\n")
    assert question.problem and wish.problem


def titles(shop: Shop, campaign: str, *wanted: str) -> dict[str, str]:
    """Of these items, as the campaign tells them to a user of theirs."""
    listed = shop.listed(campaign, userId="u1", numResults=50, metadataColumns={"ITEMS": ["TITLE"]})
    return {entry["itemId"]: entry["metadata"]["TITLE"] for entry in listed if entry["itemId"] in wanted}


def exported(shop: Shop, dataset: str) -> list[dict[str, str]]:
    """What was put into it, as an export tells it."""
    world, name = shop.world, fresh_name()
    made = world.do(
        "CreateDatasetExportJob",
        **{"jobName": name, "datasetArn": world.datasets[dataset], "roleArn": ROLE, "ingestionMode": "PUT"},
        jobOutput={"s3DataDestination": {"path": world.s3("put/")}},
    )
    world.settled("DescribeDatasetExportJob", **made)
    [file] = (world.objects / "put" / name).iterdir()
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def test_records_kept_from_before_harm_neither_others_nor_jobs(shop: Shop) -> None:
    world, campaign = shop.world, shop.campaign(PERSONAL)
    assert titles(shop, campaign, "i5")["i5"].startswith("A ")
    event = {"ITEM_ID": "i1", "TIMESTAMP": "1700000000", "EVENT_TYPE": "view", "EVENT_VALUE": ""}
    old = [
        (
            "Items",
            "i3",
            {"ITEM_ID": "i3", "GENRES": f"Horror|{_HALF}", "PRICE": "", "TITLE": f"half {_HALF}"},
        ),
        ("Interactions", "a\nb", {**event, "USER_ID": "a\nb"}),
        ("Interactions", "old", {**event, "USER_ID": "old", "ITEM_ID": "i\n3", "EVENT_TYPE": f"{_HALF}\n"}),
    ]
    db = sqlite3.connect(shop.server.data / "state.sqlite3", timeout=60)
    with db:
        db.executemany(
            "INSERT INTO put_records (dataset, subject, cells) VALUES (?, ?, ?)",
            [(world.datasets[dataset], subject, json.dumps(cells)) for dataset, subject, cells in old],
        )
    db.close()
    for user, item, kind in (("bob", "i3", "buy"), ("carol", "i7", "like")):
        name, request = events(world, user=user, itemId=item, eventType=kind)
        world.do(name, **request)
    shop.put_item("i5", title="later")
    soon(lambda: titles(shop, campaign, "i3", "i5") == {"i3": "half ?", "i5": "later"})
    found = [(row["USER_ID"], row["ITEM_ID"], row["EVENT_TYPE"]) for row in exported(shop, "Interactions")]
    assert found[-4:] == [
        (f"a{_REPLACEMENT}b", "i1", "view"),
        ("old", f"i{_REPLACEMENT}3", _REPLACEMENT * 2),
        ("bob", "i3", "buy"),
        ("carol", "i7", "like"),
    ]
    assert {row["ITEM_ID"]: row["TITLE"] for row in exported(shop, "Items")}["i3"] == f"half {_REPLACEMENT}"
    made = world.do(
        "CreateCampaign",
        **{"name": fresh_name(), "solutionVersionArn": world.new_version("aws-user-personalization-v2")},
        campaignConfig={"enableMetadataWithRecommendations": True},
    )
    fresh = str(made["campaignArn"])
    assert titles(shop, fresh, "i3", "i5") == {"i3": f"half {_REPLACEMENT}", "i5": "later"}


@given(
    cells=st.lists(st.text(st.characters(codec=None), max_size=4) | st.sampled_from(["\n", "a\nb", _HALF]))
)
def test_every_row_of_a_part_keeps_its_own_text_whatever_others_have(cells: list[str]) -> None:
    with TemporaryDirectory() as folder:
        writer = PartWriter(Path(folder, "part"), [Column("CODED", "coded"), Column("TEXT", "text")])
        for block in (cells[: len(cells) // 2], cells[len(cells) // 2 :]):
            writer.append({"CODED": block, "TEXT": block}, len(block))
        writer.close()
        part = Part(Path(folder, "part"))
        coded, text = part.texts("CODED"), part.texts("TEXT")
        assert len(part.vocabulary("CODED")) == writer.distinct("CODED")
        assert np.max(part.numbers("CODED"), initial=-1) < max(writer.distinct("CODED"), 1)
    for cell, in_code, in_text in zip(cells, coded, text, strict=True):
        halves = "".join("?" if "\ud800" <= character <= "\udfff" else character for character in cell)
        assert in_text == halves.replace("\n", " ")
        whole = "".join(
            _REPLACEMENT if "\ud800" <= character <= "\udfff" else character for character in cell
        )
        assert in_code == whole.replace("\n", _REPLACEMENT)
