"""What the tests of tracking share: events, and stores that fail when they are told to."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from pipeline.regions.epochs import Epochs
from pipeline.regions.fence import Fence
from pipeline.storage import Bucket
from pipeline.tracking import messages
from pipeline.tracking.arms import Arms
from pipeline.tracking.attributes import AttributeSender
from pipeline.tracking.consumer import Consumer, Message, Outcome
from pipeline.tracking.conversion import Hour, figures
from pipeline.tracking.counters import Count
from pipeline.tracking.event import Event
from pipeline.tracking.ledger import Ledger
from pipeline.tracking.recent import RecentEvents
from pipeline.tracking.use_cases import AttributeSet, TrackedUseCase
from tests.app.support.in_memory import BUCKET, REGION, TABLE, client
from tests.support import tables

NOON = 1_795_262_400
"""2026-11-21T12:00:00Z"""
POSTS = TrackedUseCase(
    name="posts",
    event_types=("view", "like", "comment"),
    actions=("like", "comment"),
    tracking_id="tracker",
    attributes={"users": AttributeSet(arn="arn:users"), "items": AttributeSet(arn="arn:items")},
)
FOLLOW = TrackedUseCase(name="users_to_follow", event_types=("follow",), actions=("follow",))


def event(number: int, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "event_id": f"event-{number}",
        "use_case": "posts",
        "type": "impression",
        "item_id": f"item-{number % 7}",
        "timestamp": NOON + number % 60,
        "received_at": NOON + 60,
        "source": "batch",
        "variant": "personalize",
        "user_id": f"user-{number % 5}",
    }
    return Event(**{**values, **changes})


def error(code: str, operation: str = "Operation", message: str = "injected") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Died(BaseException):
    """The process ends here: nothing catches it."""


@dataclass
class Failing:
    """A client that fails at some of its calls: before it does them, or after, when nobody hears of it.

    plan: told the operation and how many calls of it there were; answers an exception, or None.
    """

    client: Any
    before: Callable[[str, int], BaseException | None] = lambda _operation, _number: None
    after: Callable[[str, int], BaseException | None] = lambda _operation, _number: None
    calls: Counter[str] = field(default_factory=Counter)

    def __getattr__(self, operation: str) -> Any:
        method = getattr(self.client, operation)
        if operation == "get_paginator":
            return method

        def call(**arguments: Any) -> Any:
            self.calls[operation] += 1
            number = self.calls[operation]
            if failure := self.before(operation, number):
                raise failure
            answer = method(**arguments)
            if failure := self.after(operation, number):
                raise failure
            return answer

        return call


@dataclass
class PersonalizeEvents:
    """Remembers what it was told, once per event id; refuses poisoned items and users like the service."""

    poison: set[str] = field(default_factory=set)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[tuple[str, str], str] = field(default_factory=dict)
    calls: list[int] = field(default_factory=list)

    def put_events(self, **call: Any) -> None:
        entries = call["eventList"]
        self.calls.append(len(entries))
        if any(entry["itemId"] in self.poison for entry in entries):
            raise error("InvalidInputException", "PutEvents")
        for entry in entries:
            known = {"userId": call.get("userId"), "sessionId": call["sessionId"], **entry}
            self.events.setdefault(entry["eventId"], known)

    def put_users(self, *, datasetArn: str, users: list[dict[str, str]]) -> None:
        self._put(datasetArn, "userId", users)

    def put_items(self, *, datasetArn: str, items: list[dict[str, str]]) -> None:
        self._put(datasetArn, "itemId", items)

    def _put(self, arn: str, member: str, records: list[dict[str, str]]) -> None:
        self.calls.append(len(records))
        if any(record[member] in self.poison for record in records):
            raise error("InvalidInputException", "PutUsers")
        self.records |= {(arn, record[member]): record["properties"] for record in records}


@dataclass
class World:
    """A consumer with its stores; metrics: the greatest value of each, as CloudWatch keeps them. active: the
    active region.
    """

    dynamodb: Any
    bucket: Bucket
    table: str
    personalize: Any = field(default_factory=PersonalizeEvents)
    metrics: dict[tuple[Any, ...], int] = field(default_factory=dict)
    seconds_left: float = 900
    use_cases: tuple[TrackedUseCase, ...] = (POSTS, FOLLOW)
    active: str = REGION

    def consumer(
        self, *, dynamodb: Any = None, s3: Any = None, events: Any = None, seed: int = 0
    ) -> Consumer:
        client = dynamodb or self.dynamodb
        rng = random.Random(seed)
        sender = AttributeSender(events or self.personalize, client, self.table, clock=lambda: NOON)
        return Consumer(
            use_cases={case.name: case for case in self.use_cases},
            ledger=Ledger(client, self.table, rng, sleep=lambda _: None, clock=lambda: NOON),
            bucket=Bucket(s3 or self.bucket.client, self.bucket.name),
            arms=Arms(client, self.table),
            recent=RecentEvents(client, self.table, rng, sleep=lambda _: None, clock=lambda: NOON),
            attributes=sender,
            events=events or self.personalize,
            fence=Fence(Epochs(client, self.table, REGION, self.active)),
            publish=self._publish,
            seconds_left=lambda: self.seconds_left,
        )

    def _publish(self, counts: Sequence[Count], hours: Set[Hour]) -> None:
        for figure in figures(counts, hours, now=NOON + 3600):
            for name, value in figure.values.items():
                key = (name, figure.time, *sorted(figure.dimensions.items()))
                self.metrics[key] = max(value, self.metrics.get(key, 0))

    def consume(self, posted: Iterable[Any], **clients: Any) -> Outcome:
        return self.consumer(**clients).consume(messages_of(posted))

    def stored(self, use_case: str = "posts") -> list[Event]:
        """All lines in the bucket, repeated ones repeatedly."""
        listed = self.bucket.client.list_objects_v2(
            Bucket=self.bucket.name, Prefix=f"events/use_case={use_case}/"
        )
        bodies = [self.bucket.open(entry["Key"]).read() for entry in listed.get("Contents", ())]
        return [
            Event.from_json(json.loads(line))
            for body in bodies
            for line in gzip.decompress(body).splitlines()
        ]

    def counted(self, kind: str, use_case: str = "posts", day: str = "2026-11-21") -> int:
        ledger = self.consumer().ledger
        return sum(count.number for count in ledger.counts(use_case, day) if count.kind == kind)

    def metric(self, name: str, use_case: str = "posts") -> int:
        """Of the whole use case, all its times together."""
        wanted = (("use_case", use_case),)
        return sum(value for key, value in self.metrics.items() if key[0] == name and key[2:] == wanted)

    def unfinished(self) -> int:
        """Batches that something is left to do with."""
        items = self.dynamodb.scan(TableName=self.table)["Items"]
        return sum(item["pk"]["S"].startswith("batch#") for item in items)


def messages_of(events: Iterable[Any]) -> list[Message]:
    return [
        Message(f"message-{number}", entry if isinstance(entry, str) else messages.written(entry))
        for number, entry in enumerate(events)
    ]


def made() -> World:
    s3, dynamodb = client("s3"), client("dynamodb")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    tables.create(dynamodb, TABLE)
    return World(dynamodb, Bucket(s3, BUCKET), TABLE)


def mixed(count: int) -> list[Any]:
    kinds = ("impression", "impression", "like", "view")
    return [event(number, type=kinds[number % 4]) for number in range(count)]


def check_once(world: World, events: list[Any]) -> None:
    """Every event was counted, stored and sent exactly once, and nothing is left to do."""
    kinds = Counter({"impression": "impressions", "view": "others"}.get(e.type, "actions") for e in events)
    assert {kind: world.counted(kind) for kind in ("impressions", "actions", "others")} == {
        kind: kinds[kind] for kind in ("impressions", "actions", "others")
    }
    assert sorted(e.claim for e in world.stored()) == sorted(e.claim for e in events)
    assert set(world.personalize.events) == {e.claim for e in events if e.type != "impression"}
    assert world.metric("ImpressionsPerDay") == world.metric("Impressions") == kinds["impressions"]
    assert world.metric("ActionsPerDay") == world.metric("Actions") == kinds["actions"]
    assert world.unfinished() == 0
