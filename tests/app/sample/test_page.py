"""The sample's page in a real browser, on a cloud of its own: what was seen and done is told once."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.place import VARIABLE
from local_cloud.ground.clients import client
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cdk import ROOT
from local_cloud.people import addresses, pages
from tests.local_cloud.support.ports import free_ports
from tests.support.browser import Browser, browsing, missing
from tests.support.waiting import eventually

pytestmark = [
    pytest.mark.prove,
    pytest.mark.skipif(missing() is not None, reason=missing() or ""),
]
SECTIONS = {"people": "users_to_follow", "posts": "posts", "programs": "training_programs"}
CASES = {**SECTIONS, "inbox": "training_programs"}
VISIBLE = """
    const found = [];
    for (const card of document.querySelectorAll("[data-id]")) {
      const box = card.getBoundingClientRect();
      const list = card.parentElement.getBoundingClientRect();
      const wide = Math.min(box.right, list.right, innerWidth) - Math.max(box.left, list.left, 0);
      const high = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
      const share = Math.max(0, wide) * Math.max(0, high) / (box.width * box.height);
      if (Math.abs(share - 0.5) < 0.02) throw new Error("on the edge: " + card.innerText);
      if (share > 0.5) found.push([card.closest("section").id, card.dataset.id]);
    }
    return found;
"""
"""Cards of which more than half is in the window, by their rectangles."""


@dataclass(frozen=True)
class Place:
    cloud: clouds.Cloud

    def ran(self, module: str, *arguments: str, code: int = 0) -> str:
        """On the installed configuration, which has the sample."""
        environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env={**environment, **self.cloud.settings.environment()},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def local(self, command: str, *arguments: str) -> str:
        folder = ["--folder", str(self.cloud.state.path), "--port", str(self.cloud.port)]
        return self.ran("local_cloud", command, *folder, *arguments)

    def events(self, user: str) -> Counter[tuple[str, str, str]]:
        """What is kept in S3 of the user: type, use case and item of each event, and how often."""
        s3 = client(self.cloud.settings, "s3")
        stacks = client(self.cloud.settings, "cloudformation").describe_stacks()["Stacks"]
        outputs = {out["OutputKey"]: out["OutputValue"] for one in stacks for out in one.get("Outputs", ())}
        bucket = outputs["DataBucketName"]
        found: Counter[tuple[str, str, str]] = Counter()
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="events/"):
            for entry in page.get("Contents", ()):
                body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                for line in gzip.decompress(body).splitlines():
                    event = json.loads(line)
                    if event.get("user_id") == user:
                        found[event["type"], event["use_case"], event["item_id"]] += 1
        return found

    def conversion(self, use_case: str) -> tuple[int, int]:
        """Impressions and actions of all variants and sources today, as operators are told."""
        text = self.ran("operations", "conversion", "--stage", "local", "--use-case", use_case)
        numbers = re.search(r"^all\s+([\d,]+)\s+([\d,]+)", text, re.M)
        assert numbers, text
        return int(numbers[1].replace(",", "")), int(numbers[2].replace(",", ""))

    @property
    def people(self) -> list[str]:
        session = json.loads(
            (self.cloud.state.path / pages.DATA / "session.json").read_text(encoding="utf-8")
        )
        return [person["id"] for person in session["people"]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = Place(clouds.find(tmp_path_factory.mktemp("page") / "cloud", free_ports()))
    try:
        told = found.local("demo", "--data", "generated")
        assert addresses.page(found.cloud.settings) in told
        yield found
    finally:
        found.local("down")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with browsing(tmp_path / "profile") as browser:
        yield browser


def opened(browser: Browser, place: Place, user: str) -> None:
    browser.open(f"{addresses.page(place.cloud.settings)}?as={user}")
    eventually(lambda: browser.run("return document.body.dataset.ready"), 60)
    assert browser.texts("#problem") == [""]


def as_told(cards: list[list[str]]) -> Counter[tuple[str, str, str]]:
    """An item of a list is told once, however often it is on the page."""
    return Counter({("impression", CASES[section], item) for section, item in cards})


def counted(place: Place, user: str, expected: Counter[tuple[str, str, str]]) -> None:
    """All of it is there, each once, and nothing else."""
    eventually(lambda: place.events(user).keys() >= expected.keys(), 60)
    assert place.events(user) == expected


def test_what_is_seen_and_tapped_is_told_once_and_moves_conversion_and_lists(
    place: Place, browser: Browser
) -> None:
    # Of the people whom the demo shows it has itself posted events for the first one.
    user = place.people[1]
    before = {use_case: place.conversion(use_case) for use_case in SECTIONS.values()}
    browser.look(1280, 905)
    opened(browser, place, user)
    shown = as_told(browser.run(VISIBLE))
    counted(place, user, shown)

    below = browser.run("return document.querySelectorAll('[data-id]').length") - len(shown)
    browser.run("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    everything = as_told(browser.run(CARDS))
    counted(place, user, everything)
    browser.run("scrollTo({top: 0, behavior: 'instant'})")
    assert below > 0 and everything > shown

    first = {section: browser.run(FIRST, section) for section in SECTIONS}
    posts = browser.texts("#posts li .title")
    browser.click("#people li button")
    browser.run(TWICE, "#programs li .actions button:last-child")
    browser.click("#posts li button")
    browser.click("#posts li button")
    eventually(lambda: browser.run("return !document.querySelector('#posts .news').hidden"), 60)
    known = {item for _, case, item in everything if case == "users_to_follow"}
    [next_person] = {*browser.run(IDS, "people")} - known
    everything |= Counter([("impression", "users_to_follow", next_person)])
    for section, action in (("people", "follow"), ("programs", "join"), ("posts", "like")):
        everything[action, SECTIONS[section], first[section]] = 1
    counted(place, user, everything)

    browser.click("#posts .news")
    eventually(lambda: browser.texts("#posts li .title") != posts, 60)
    assert posts[0] not in browser.texts("#posts li .title"), "what was liked has been read"
    again = as_told(browser.run(VISIBLE))
    counted(place, user, everything | again)
    for use_case in SECTIONS.values():
        mine = Counter(kind for kind, case, _ in everything | again if case == use_case)
        expected = (before[use_case][0] + mine["impression"], before[use_case][1] + 1)
        assert eventually(lambda: place.conversion(use_case) == expected, 60), use_case  # noqa: B023
    assert browser.complaints() == []


CARDS = """
    const cards = [...document.querySelectorAll("[data-id]")];
    return cards.map(card => [card.closest("section").id, card.dataset.id]);
"""
TWICE = "const button = document.querySelector(arguments[0]); button.click(); button.click()"
FIRST = "return document.querySelector('#' + arguments[0] + ' [data-id]').dataset.id"
IDS = "return [...document.querySelectorAll('#' + arguments[0] + ' [data-id]')].map(card => card.dataset.id)"


def test_whoever_leaves_the_page_has_told_what_they_did(place: Place, browser: Browser) -> None:
    user, other = place.people[2], place.people[0]
    browser.look(1280, 905)
    opened(browser, place, user)
    item = browser.run(FIRST, "programs")
    browser.run(
        """
        document.querySelector("#programs li .actions button:last-child").click();
        const person = document.querySelector("#person");
        person.value = arguments[0];
        person.dispatchEvent(new Event("change"));
        """,
        other,
    )
    eventually(
        lambda: browser.run("return document.body.dataset.ready && location.search") == f"?as={other}", 60
    )

    eventually(lambda: place.events(user)["join", "training_programs", item], 60)
    assert place.events(user)["join", "training_programs", item] == 1
    assert browser.run("return document.querySelector('#person').value") == other


def test_the_keyboard_is_enough(place: Place, browser: Browser) -> None:
    browser.look(1280, 905)
    opened(browser, place, place.people[2])
    seen = []
    for _ in range(40):
        browser.press("\ue004")
        seen.append(browser.run("return document.activeElement.id || document.activeElement.innerText"))
        if seen[-1] == "Similar":
            break
    browser.press("\ue007")

    assert seen[:2] == ["Skip to posts", "person"]
    assert "Follow" in seen and "Like" in seen
    eventually(lambda: len(browser.texts("#programs li li")) == 3, 60)
    assert browser.run("return document.activeElement.getAttribute('aria-expanded')") == "true"


def test_a_notification_lies_in_the_inbox_until_it_is_opened(place: Place, browser: Browser) -> None:
    machines = client(place.cloud.settings, "stepfunctions")
    told = place.local("status")
    assert addresses.page(place.cloud.settings) in told
    [arn] = [
        one["stateMachineArn"]
        for one in machines.list_state_machines()["stateMachines"]
        if one["name"].endswith("weekly-programs")
    ]
    begun = machines.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    ended = eventually(lambda: _ended(machines, begun))
    assert ended["status"] == "SUCCEEDED", ended
    browser.look(390, 844)
    for user in place.people:
        opened(browser, place, user)
        if browser.texts("#inbox li.unread"):
            break
    else:
        pytest.fail("none of the people has agreed to notifications")

    browser.click("#inbox li button")
    eventually(lambda: browser.texts("#inbox li button") == ["Opened"], 60)
    opened(browser, place, user)

    assert browser.texts("#inbox li button") == ["Opened"] and not browser.texts("#inbox li.unread")
    item = browser.run(FIRST, "inbox")
    eventually(lambda: place.events(user)["view", "training_programs", item] == 1, 60)


def _ended(machines: Any, execution: str) -> Any:
    told = machines.describe_execution(executionArn=execution)
    return told if told["status"] != "RUNNING" else None


def test_what_things_are_called_is_text_whatever_it_holds(place: Place, browser: Browser) -> None:
    labels = place.cloud.state.path / pages.DATA / "labels.json"
    kept = labels.read_text(encoding="utf-8")
    hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    called = {case: {item: hostile for item in items} for case, items in json.loads(kept).items()}
    labels.write_text(json.dumps(called), encoding="utf-8")
    try:
        opened(browser, place, place.people[2])
        assert browser.texts("#posts li .title")[0] == hostile
        assert browser.run("return document.querySelectorAll('main img, main script').length") == 0
        assert browser.run("return document.title") == "Fitness community"
    finally:
        labels.write_text(kept, encoding="utf-8")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 900)])
def test_the_page_fits_a_phone_and_a_desk(
    place: Place, browser: Browser, tmp_path: Path, width: int, height: int, dark: bool
) -> None:
    browser.look(width, height, dark=dark)
    opened(browser, place, place.people[2])
    browser.photograph(tmp_path / "page.png")

    wide, back = browser.run(
        "return [document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]"
    )
    assert wide <= width
    brightness = sum(map(int, re.findall(r"\d+", back)[:3])) / 3
    assert brightness < 60 if dark else brightness > 200
    assert browser.complaints() == []
