"""Commands about posted events: conversion, dead letters, sending them once more."""

from __future__ import annotations

import json
from time import time
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from operations import events as commands
from operations.cli import main
from pipeline.storage import Bucket
from pipeline.tracking import messages
from tests.app.support.in_memory import REGION, client
from tests.app.support.tracking_world import World, event
from tests.support import tables


@pytest.fixture
def world(bucket: Bucket, dynamodb: Any) -> World:
    tables.create(dynamodb, "recs-test-tracking")
    return World(dynamodb, bucket, "recs-test-tracking")


def test_conversion_is_shown_by_variant_and_source_and_altogether(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    now = int(time())
    world.consume([event(n, timestamp=now) for n in range(40)])
    world.consume([event(100, timestamp=now, type="like"), event(101, timestamp=now, source="popular")])

    assert main(["conversion", "--stage", "test", "--use-case", "posts", "--region", REGION]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert lines == [
        ["personalize", "batch", "40", "1", "2.50%"],
        ["personalize", "popular", "1", "0", "0.00%"],
        ["all", "41", "1", "2.44%"],
    ]


def test_programs_get_conversion_as_json(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    now = int(time())
    world.consume([event(n, timestamp=now) for n in range(4)])
    world.consume([event(10, timestamp=now, type="like")])
    world.consume([event(11, timestamp=now, type="like", source="campaign")])

    where = ["--stage", "test", "--use-case", "posts", "--region", REGION]
    assert main(["conversion", *where, "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == [
        {"variant": "personalize", "source": source, "impressions": shown, "actions": 1, "conversion": share}
        for source, shown, share in (("batch", 4, 0.25), ("campaign", 0, None))
    ]


def test_actions_of_a_source_that_nobody_was_shown_are_said_for_they_make_conversion_look_better(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    now = int(time())
    world.consume([event(n, timestamp=now) for n in range(5)])
    world.consume([event(10 + n, timestamp=now, type="like", source="campaign") for n in range(4)])

    assert main(["conversion", "--stage", "test", "--use-case", "posts", "--region", REGION]) == 0

    said = capsys.readouterr()
    assert said.out.splitlines()[-1].split() == ["all", "5", "4", "80.00%"]
    assert "actions without any impression: campaign." in said.err


def test_the_counters_of_regions_are_added_up_and_who_does_not_answer_is_said(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time())
    other = boto3.client("dynamodb", region_name="eu-central-1")
    tables.create(other, "recs-test-tracking")
    world.consume([event(n, timestamp=now) for n in range(4)])
    World(other, world.bucket, world.table).consume([event(n, timestamp=now) for n in range(10, 13)])
    asked = ["conversion", "--stage", "test", "--use-case", "posts", "--regions", f"{REGION},eu-central-1"]

    assert main(asked) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["all", "7", "0", "0.00%"]

    def gone(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="eu-central-1")

    clients = {
        REGION: world.dynamodb,
        "eu-central-1": SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=gone)),
    }
    commands.conversion(clients, "test", "posts", 1)
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].split() == ["all", "4", "0", "0.00%"]
    assert "without eu-central-1" in said.err


class Sqs:
    """What the commands ask of SQS; moto does not move messages."""

    def __init__(self, bodies: list[str]) -> None:
        self.bodies, self.moved = bodies, list[str]()

    def get_queue_url(self, **_: Any) -> Any:
        return {"QueueUrl": "url"}

    def get_queue_attributes(self, **_: Any) -> Any:
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.bodies)), "QueueArn": "arn:dead"}}

    def receive_message(self, **_: Any) -> Any:
        return {"Messages": [{"Body": body} for body in self.bodies]} if self.bodies else {}

    def start_message_move_task(self, *, SourceArn: str) -> None:
        self.moved.append(SourceArn)


def test_dead_letters_are_described_without_naming_people(capsys: pytest.CaptureFixture[str]) -> None:
    commands.dead_letters(Sqs([messages.written(event(1)), "{"]), "url")

    out = capsys.readouterr().out
    assert "2 messages" in out and "event of posts" in out and "cannot be read" in out
    assert "user-1" not in out


def test_dead_letters_are_sent_once_more_by_a_task_of_sqs(capsys: pytest.CaptureFixture[str]) -> None:
    full, empty = Sqs(["a", "b"]), Sqs([])

    commands.redrive(full, "url")
    commands.redrive(empty, "url")

    assert full.moved == ["arn:dead"] and not empty.moved
    assert capsys.readouterr().out.splitlines() == [
        "2 messages are on their way back to the queue",
        "nothing to send: no messages",
    ]


def test_programs_get_what_is_sent_once_more_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = Sqs(["a", "b"])
    monkeypatch.setattr("operations.cli.boto3", SimpleNamespace(client=lambda *_, **__: queue))

    for messages_left, moved in ((2, ["arn:dead"]), (0, ["arn:dead"])):
        assert main(["redrive", "--stage", "test", "--region", REGION, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {"messages": messages_left}
        assert queue.moved == moved
        queue.bodies.clear()


def test_a_stage_without_a_queue_is_told_so(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    client("sqs")

    assert main(["redrive", "--stage", "staging", "--region", REGION]) == 1

    assert "recs-staging" in capsys.readouterr().err
