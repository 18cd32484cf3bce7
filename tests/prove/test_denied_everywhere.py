"""An item is denied while people read in two regions: it is gone from everything within a minute."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from threading import Event, Thread
from typing import Any

import pytest

from config.derived.names import notifications_table_name
from config.notifications import NOTIFICATIONS
from config.stages import LOCAL
from local_cloud import outbox
from local_cloud.drill.places import Place
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.lifecycle.serving_api import ServingApi
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.clouds.filled_cloud import fill
from tests.local_cloud.support.local_aws import ROOT
from tests.local_cloud.support.ports import free_ports
from tests.support.waiting import eventually

DIRECTORY, SIMILAR, FEED = "training_programs", "similar_programs", "posts"
NOTIFICATION = "weekly_programs"
PROMISED_SECONDS = 60
"""docs/deny-list.md"""
_STAYS_SECONDS = 15
_Ask = Callable[[ServingApi], set[str]]


@dataclass
class Reader:
    """Asks for the same thing of one region all the time. seen: the last time that it had the item."""

    what: str
    region: str
    api: ServingApi
    ask: _Ask
    item: str
    answers: int = 0
    seen: float = 0.0
    failures: list[str] = field(default_factory=list)

    def has_gone_since(self, moment: float) -> bool:
        return time.monotonic() - max(self.seen, moment) > _STAYS_SECONDS

    def read(self, ended: Event) -> None:
        while not ended.wait(0.2):
            try:
                found = self.ask(self.api)
            except AssertionError as failure:
                self.failures.append(str(failure))
                return
            self.answers += 1
            if self.item in found:
                self.seen = time.monotonic()


@dataclass(frozen=True)
class Regions:
    cloud: Cloud
    places: tuple[Place, ...]

    @property
    def primary(self) -> Place:
        return self.places[0]

    def operate(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "operations", *arguments, "--stage", LOCAL.name],
            cwd=ROOT,
            env={**os.environ, **self.primary.settings.environment()},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def told_anew(self) -> set[str]:
        """Items of which everybody is told in a run that begins now, as if nobody had been told this week:
        by entries, and their addresses as in e-mails.
        """
        outbox.empty(self.cloud.state.path)
        dynamodb, table = self.primary.client("dynamodb"), notifications_table_name(LOCAL.name)
        for item in self._of_notifications():
            key = {name: item[name] for name in ("pk", "sk")}
            if key["sk"]["S"].startswith(("claim#", "inbox#")):
                dynamodb.delete_item(TableName=table, Key=key)
        self.primary.succeeded(self.primary.start(NOTIFICATION))
        entries = [item for item in self._of_notifications() if item["sk"]["S"].startswith("inbox#")]
        mails = [mail.text for mail in outbox.emails(self.cloud.state.path) if not mail.topic]
        addresses = {word for text in mails for word in text.split() if word.startswith("https://")}
        return {item["itemId"]["S"] for item in entries} | addresses

    def _of_notifications(self) -> list[dict[str, Any]]:
        pages = self.primary.client("dynamodb").get_paginator("scan")
        found = pages.paginate(TableName=notifications_table_name(LOCAL.name), ConsistentRead=True)
        return [item for page in found for item in page["Items"]]


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """Two, with lists in both, and everybody told of a program this week."""
    cloud = replace(Cloud(StateFolder(tmp_path_factory.mktemp("cloud")), free_ports()), standby=True)
    try:
        clouds.up(cloud, Progress())
        fill(cloud)
        places = tuple(Place(cloud.settings_in(name), LOCAL.name) for name in cloud.stage.active_regions)
        runs = [places[0].start(name, force=True) for name in (DIRECTORY, SIMILAR, FEED)]
        assert [places[0].succeeded(run)["outcome"] for run in runs] == ["published"] * 3
        places[0].succeeded(places[0].start(NOTIFICATION))
        eventually(lambda: places[0].items("user#").keys() == places[1].items("user#").keys(), patience=120)
        yield Regions(cloud, places)
    finally:
        clouds.down(cloud)


def ids(api: ServingApi, method: str, path: str, document: Any = None) -> set[str]:
    answer = api.ask(method, path, document)
    assert answer.status == 200, answer.body
    return {str(item.get("id") or item.get("itemId")) for item in answer.body.get("items", ())} | {
        str(entry["itemId"]) for entry in answer.body.get("entries", ())
    }


def test_a_denied_item_is_gone_within_a_minute_in_both_regions(
    regions: Regions, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ServingApi.deployed(regions.primary.settings)
    people = [key[0].rpartition("#")[2] for key in regions.primary.items(f"user#{DIRECTORY}#")]
    person, program = next(
        (user, item) for user in people for item in ids(here, "GET", f"/v1/inbox?userId={user}")
    )
    feed = f"/v1/users/{person}/posts?limit=100"
    # A campaign answers in the one region, the stored list in the other.
    there = ServingApi.deployed(regions.places[1].settings)
    post = sorted(ids(here, "GET", feed) & ids(there, "GET", feed))[0]
    alike = next(
        item["id"]
        for item in here.get(f"/v1/users/{person}/training-programs?limit=100").body["items"]
        if program in ids(here, "GET", f"/v1/training-programs/{item['id']}/similar?limit=20")
    )
    directory, similar = f"/v1/users/{person}/training-programs", f"/v1/training-programs/{alike}/similar"
    given = {"items": [program, alike]}
    asked: dict[str, tuple[str, _Ask]] = {
        "directory": (program, lambda api: ids(api, "GET", f"{directory}?limit=100")),
        "ranking": (program, lambda api: ids(api, "POST", f"{directory}/ranking", given)),
        "similar items": (program, lambda api: ids(api, "GET", f"{similar}?limit=20")),
        "inbox": (program, lambda api: ids(api, "GET", f"/v1/inbox?userId={person}")),
        "feed": (post, lambda api: ids(api, "GET", feed)),
    }
    readers = [
        Reader(what, place.region, ServingApi.deployed(place.settings), ask, item)
        for place in regions.places
        for what, (item, ask) in asked.items()
    ]
    ended = Event()
    threads = [Thread(target=reader.read, args=(ended,), daemon=True) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: all(reader.seen for reader in readers), patience=60)
        regions.operate("deny", "--use-case", DIRECTORY, "--use-case", SIMILAR, "--item", program)
        denied = {program: time.monotonic()}
        regions.operate("deny", "--use-case", FEED, "--item", post)
        denied[post] = time.monotonic()
        eventually(lambda: all(reader.has_gone_since(denied[reader.item]) for reader in readers))
        told = regions.told_anew()
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    with capsys.disabled():
        print("\nseconds from the end of the command until the item was seen last:")
        for one in readers:
            seconds = one.seen - denied[one.item]
            print(f"  {one.region:13} {one.what:14} {seconds:6.1f}  ({one.answers} answers)")
    assert not [failure for reader in readers for failure in reader.failures]
    late = [reader for reader in readers if reader.seen - denied[reader.item] > PROMISED_SECONDS]
    assert not late, [(reader.region, reader.what) for reader in late]
    [notification] = [one for one in NOTIFICATIONS if one.name == NOTIFICATION]
    start, _, end = notification.item_url.partition("{item}")
    assert any(word.startswith(start) for word in told)
    assert not {program, f"{start}{program}{end}"} & told


def test_who_opts_out_is_personalised_nowhere_and_in_no_training(
    regions: Regions, capsys: pytest.CaptureFixture[str]
) -> None:
    apis = {place.region: ServingApi.deployed(place.settings) for place in regions.places}
    people = sorted({key[0].rpartition("#")[2] for key in regions.primary.items(f"user#{DIRECTORY}#")})
    person, other = people[7], people[8]
    path = "/v1/users/{}/training-programs?limit=5"

    def sources(user: str) -> set[str]:
        return {str(api.get(path.format(user)).body["source"]) for api in apis.values()}

    assert sources(person) == {"batch"}
    regions.operate("opt-out", "--user", person, "--reason", "proof")
    begun = time.monotonic()
    eventually(lambda: sources(person) == {"popular"})
    with capsys.disabled():
        print(f"\nseconds until who opted out was personalised nowhere: {time.monotonic() - begun:.1f}")
    assert time.monotonic() - begun <= PROMISED_SECONDS
    assert sources(other) == {"batch"}

    run = regions.primary.succeeded(regions.primary.start(DIRECTORY, force=True))
    assert run["outcome"] == "published", run
    lists = regions.primary.items(f"user#{DIRECTORY}#")
    listed = {key[0].rpartition("#")[2] for key in lists if key[1].endswith(run["generation"])}
    assert listed == set(people) - {person}
    regions.operate("opt-in", "--user", person)
    assert json.loads(regions.operate("opted-out", "--json")) == []
