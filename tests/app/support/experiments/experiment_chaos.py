"""People who ask the serving code in the middle of a ramp, while something is taken away from under it.

Several warm functions, one of which reads a replica of the table, each with its own memory and clock. Every
item says whose list it is from, so that an answer that names another variant is found out.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.answering import routes
from pipeline.experiments.assignment import place
from pipeline.experiments.changes import stepped
from pipeline.experiments.items import current_key, item_of
from pipeline.http.endpoint import endpoint
from pipeline.serving.campaigns import Campaigns
from pipeline.serving.memory import Memory
from pipeline.serving.recommend import Recommendations
from pipeline.serving.settings import ApiSettings, Endpoint, Realtime
from pipeline.serving.sources import Sources
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting
from pipeline.serving_items import list_item, pointer_key, popular_key, user_key
from pipeline.times import iso
from tests.app.support.experiments.experimenting import NOTE, experiment
from tests.app.support.gateway_events import BACKEND, event

FEED = Endpoint(
    use_case="posts",
    path="posts",
    kind="feed",
    variant="personalize",
    others=("own",),
    longest=12,
    realtime=Realtime(campaign_arn="arn:campaign", budget_ms=2_000),
)
NAME, NOW, FAR = "serving", 1_800_000_000.0, 4_000_000_000
GENERATIONS = {"personalize": "20270102T000000000", "own": "20270101T120000000"}
BEFORE = experiment(version=1, exposure=2_000)
RAMPED = stepped(BEFORE, NOTE, exposure=6_000)
CURRENT = current_key("posts")
Key = tuple[str, str]


def _key(key: Mapping[str, Any]) -> Key:
    return key["pk"]["S"], key["sk"]["S"]


@dataclass
class Items:
    """A client of DynamoDB as serving uses it; changed: what is found in an item's place, if anything."""

    items: dict[Key, Any]
    changed: Callable[[Key, Any], Any] = lambda _key, item: item

    def get_item(self, *, Key: Any, **_: Any) -> Any:
        item = self._item(_key(Key))
        return {"Item": item} if item else {}

    def query(self, *, ExpressionAttributeValues: Any, **more: Any) -> Any:
        """All of a partition, or the newest one, as serving asks for them."""
        pk, sk = (ExpressionAttributeValues.get(name, {"S": ""})["S"] for name in (":pk", ":sk"))
        keys = sorted((key for key in self.items if key[0] == pk and key[1].startswith(sk)), reverse=True)
        return {"Items": [item for item in map(self._item, keys[: more.get("Limit")]) if item]}

    def _item(self, key: Key) -> Any:
        item = self.items.get(key)
        return self.changed(key, item) if item else None


class Campaign:
    down = False

    def get_recommendations(self, *, userId: str, numResults: int, **_: Any) -> Any:
        if self.down:
            raise TimeoutError("the campaign is down")
        return {"itemList": [{"itemId": f"personalize-live-{n}"} for n in range(12)][:numResults]}


class Function:
    """A warm one."""

    def __init__(self, client: Items, campaign: Campaign) -> None:
        self.now = 0.0
        waiting = Waiting()
        table = Table(client, NAME, waiting, clock=lambda: NOW)
        memory = Memory(table, pointer_seconds=5, clock=lambda: self.now)
        sources = Sources(table, memory, Campaigns(lambda _: campaign, waiting))
        recommendations = Recommendations(sources, lambda _endpoint, _found: None)
        settings = ApiSettings(stage="test", authorization="iam", endpoints=(FEED,))
        self._handle = endpoint(
            routes(settings, recommendations), self, user_claim=lambda: "sub", waited=waiting.take
        )

    def failed(self, route: str, request_id: str, error: Exception) -> None:
        raise AssertionError(route) from error

    def handled(self, route: str, status: int, own_ms: float, waited_ms: float) -> None:
        pass

    def ask(self, user: str, **query: str) -> tuple[int, Any]:
        asked = event(FEED.route, path={"userId": user}, query=query, authorizer=BACKEND)
        answer = self._handle(asked, None)
        return answer["statusCode"], json.loads(answer["body"])


@dataclass
class Seen:
    """By user the arms in answers; of first pages how many there were, by arm, variant and source. Pages that
    follow stay with the variant of the first one, whichever function answers.
    """

    arms: dict[str, set[str]] = field(default_factory=dict)
    answers: Counter[tuple[str | None, str, str]] = field(default_factory=Counter)
    requests: int = 0
    empty: int = 0
    untrue: int = 0
    expired: int = 0
    other_pages: int = 0

    @property
    def flipped(self) -> int:
        return sum(len(arms) > 1 for arms in self.arms.values())

    def add(self, user: str, body: Any, *, first: bool) -> None:
        self.requests += 1
        self.empty += not body["items"]
        self.untrue += any(not item["id"].startswith(f"{body['variant']}-") for item in body["items"])
        if "arm" in body:
            self.arms.setdefault(user, set()).add(body["arm"])
        if first:
            self.answers[body.get("arm"), body["variant"], body["source"]] += 1


class World:
    """people: of whom every tenth has no list, as somebody who is new."""

    def __init__(self, people: int, seed: int = 0) -> None:
        self.people = [f"user-{number}" for number in range(people)]
        self._rng = random.Random(seed)
        self.items = Items(_items(self.people))
        self.replica = Items(self.items.items)
        self.campaign = Campaign()
        clients = (self.items, self.items, self.replica)
        self.functions = [Function(client, self.campaign) for client in clients]

    def during(self, fault: str, requests: int) -> Seen:
        """As many with all in order, then with the fault, then again without; answers of the middle part."""
        seen = Seen()
        self._ask(requests // 10, seen)
        middle = Seen(arms=seen.arms)
        FAULTS[fault](self)
        for function in self.functions:
            function.now += 10
        self._ask(requests, middle)
        self.items.changed = self.replica.changed = lambda _key, item: item
        self.campaign.down = False
        for function in self.functions:
            function.now += 10
        self._ask(requests // 10, after := Seen(arms=seen.arms))
        for part in (seen, after):
            assert (part.empty, part.untrue, part.flipped) == (0, 0, 0)
        return middle

    def _ask(self, requests: int, seen: Seen) -> None:
        """A third go on to the next page, whichever function answers it."""
        while seen.requests < requests:
            user = self._rng.choice(self.people)
            status, body = self._function().ask(user, limit="4")
            assert status == 200, body
            seen.add(user, body, first=True)
            while "nextCursor" in body and self._rng.random() < 0.33:
                first = body["variant"]
                status, body = self._function().ask(user, limit="4", cursor=body["nextCursor"])
                if status == 410:
                    seen.expired += 1
                    break
                assert status == 200, body
                seen.add(user, body, first=False)
                seen.other_pages += body["variant"] != first

    def _function(self) -> Function:
        function = self._rng.choice(self.functions)
        function.now += self._rng.uniform(0, 0.5)
        return function


def _items(people: list[str]) -> dict[Key, Any]:
    made = []
    for variant, generation in GENERATIONS.items():
        pointer = {"generation": {"S": generation}, "published_at": {"S": iso(NOW - 7200)}}
        made.append(pointer_key("posts", variant) | pointer)
        for number, user in enumerate(people):
            ids = [f"{variant}-{user}-{n}" for n in range(12)]
            if number % 10:
                made.append(list_item(user_key("posts", user), f"{variant}#{generation}", ids, FAR))
        pk, sk = _key(popular_key("posts", variant, generation))
        made.append(list_item(pk, sk, [f"{variant}-popular-{n}" for n in range(6)], FAR))
    made.append(item_of(RAMPED, CURRENT))
    return {_key(item): item for item in made}


def expected_arm(user: str) -> str | None:
    """Of the ramp, from the two numbers of the documented formula."""
    at = place(RAMPED.salt, user)
    return None if at.exposure >= RAMPED.exposure else "treatment" if at.split < 5_000 else "control"


def _experiment(changed: Callable[[Any], Any]) -> Callable[[World], None]:
    def fault(world: World) -> None:
        world.items.changed = lambda key, item: changed(item) if key == _key(CURRENT) else item
        world.replica.changed = world.items.changed

    return fault


def _behind(world: World) -> None:
    old = item_of(BEFORE, CURRENT)
    world.replica.changed = lambda key, item: old if key == _key(CURRENT) else item


def _rows_gone(world: World) -> None:
    world.items.changed = lambda key, item: None if key[1].startswith("own#") else item
    world.replica.changed = world.items.changed


def _pointer_gone(world: World) -> None:
    world.items.changed = lambda key, item: None if key == _key(pointer_key("posts", "own")) else item
    world.replica.changed = world.items.changed


def _campaign_down(world: World) -> None:
    world.campaign.down = True


FAULTS: Mapping[str, Callable[[World], None]] = {
    "experiment missing": _experiment(lambda _item: None),
    "experiment broken": _experiment(lambda item: {**item, "arms": {"L": []}}),
    "experiment of a newer format": _experiment(lambda item: {**item, "format": {"N": "2"}}),
    "replica a version behind": _behind,
    "rows of the variant gone": _rows_gone,
    "pointer of the variant gone": _pointer_gone,
    "campaign down": _campaign_down,
}


def check(fault: str, *, people: int, requests: int) -> str:
    """What was seen, in a line."""
    world = World(people)
    seen = world.during(fault, requests)
    told = (
        f"{fault}: {seen.requests:,} requests of {people:,} people, {seen.empty} empty, "
        f"{seen.untrue} untrue, {seen.flipped} flipped, {seen.expired} expired cursors"
    )
    assert seen.requests >= requests, told
    assert (seen.empty, seen.untrue, seen.flipped, seen.other_pages) == (0, 0, 0, 0), told
    for user, arms in seen.arms.items():
        assert arms == {expected_arm(user)}, user
    variants = {(arm, variant) for arm, variant, _ in seen.answers}
    sources = {source for arm, _, source in seen.answers if arm == "control"}
    match fault:
        case "experiment missing" | "experiment broken" | "experiment of a newer format":
            assert variants == {(None, "personalize")}, variants
        case "rows of the variant gone":
            assert ("treatment", "personalize") in variants
            assert ("treatment", "own", "batch") not in seen.answers
        case "pointer of the variant gone":
            assert ("treatment", "personalize") in variants
        case "campaign down":
            assert sources == {"batch", "popular"}, sources
            assert ("treatment", "own") in variants
        case _:
            assert variants == {("treatment", "own"), ("control", "personalize"), (None, "personalize")}
    return told
