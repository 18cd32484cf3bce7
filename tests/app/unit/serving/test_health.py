"""GET /v1/health: whether a region can serve readers, what it says of itself, and what asking costs."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from openapi_schema_validator import OAS31Validator

from pipeline.http.endpoint import endpoint
from pipeline.openapi.document import document
from pipeline.regions.epoch import epoch_key
from pipeline.regions.epochs import Epochs, Note
from pipeline.serving.campaigns import Campaigns
from pipeline.serving.health import ROUTE, Health
from pipeline.serving.memory import Memory
from pipeline.serving.nobody import Nobody
from pipeline.serving.settings import ApiSettings
from pipeline.serving.sources import Sources
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting
from tests.app.support.gateway_events import event
from tests.app.support.in_memory import REGION
from tests.app.support.serving_api import ENDPOINTS, NOW, ONE, TABLE, THROTTLED, Weather, publish

AWAY = "eu-central-1"
NOTE = Note(by="ann", why="a flood")


def _refused(_server: Any) -> Any:
    raise AssertionError("health costs no call of a campaign")


@dataclass
class Place:
    """One warm function of a region. told: what its log heard."""

    client: Any
    role: str = "primary"
    region: str = REGION
    served: tuple[str, ...] = tuple(one.use_case for one in ENDPOINTS)
    seconds: float = 0.0
    told: list[tuple[bool, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.weather = Weather(self.client)
        table = Table(self.weather, TABLE, Waiting())
        memory = Memory(table, pointer_seconds=5, clock=lambda: self.seconds)
        served = [one for one in ENDPOINTS if one.use_case in self.served]
        health = Health(
            table,
            self.epochs(self.region, self.weather),
            Nobody(Sources(table, memory, Campaigns(_refused, Waiting())), served),
            {one.use_case: one.variants for one in ENDPOINTS if one.use_case in self.served},
            self.role,
            lambda healthy, why: self.told.append((healthy, why)),
            clock=lambda: self.seconds,
            now=lambda: NOW + 90,
        )
        self.handler = endpoint({ROUTE: health.answer}, self, user_claim=lambda: "sub")
        settings = ApiSettings(stage="test", authorization="iam", endpoints=ENDPOINTS)
        self.described = document(settings)

    @property
    def reads(self) -> int:
        return len(self.weather.calls)

    def epochs(self, region: str, client: Any = None) -> Epochs:
        return Epochs(client or self.client, TABLE, region, REGION)

    def failed(self, route: str, request_id: str, error: Exception) -> None:
        raise error

    def handled(self, route: str, status: int, own_ms: float, waited_ms: float) -> None:
        pass

    def ask(self) -> tuple[int, Any]:
        """Status and body, which are as the API's description says."""
        answer = self.handler(event(ROUTE), None)
        body, media = json.loads(answer["body"]), answer["headers"]["content-type"]
        answers = self.described["paths"]["/v1/health"]["get"]["responses"]
        schema = answers[str(answer["statusCode"])]["content"][media]["schema"]
        OAS31Validator({**schema, "components": self.described["components"]}).validate(body)
        return answer["statusCode"], body


def test_a_region_says_how_it_stands_and_how_old_its_lists_are_and_names_no_use_case(table: Any) -> None:
    status, body = Place(table).ask()

    assert (status, body) == (
        200,
        {
            "status": "healthy",
            "region": REGION,
            "role": "primary",
            "state": "active",
            "epoch": 0,
            "listAges": [90, 90, 90, 90],
            "unpublished": 0,
        },
    )
    assert not [one.use_case for one in ENDPOINTS if one.use_case in json.dumps(body)]


@pytest.mark.parametrize(
    ("region", "change", "state", "epoch"),
    [
        (REGION, "none", "active", 0),
        (REGION, "drained", "draining", 0),
        (REGION, "switched", "fenced", 1),
        (AWAY, "none", "fenced", 0),
        (AWAY, "switched", "active", 1),
        (REGION, "written by a newer version", "unknown", None),
    ],
)
def test_readers_are_served_whichever_region_is_the_active_one(
    table: Any, region: str, change: str, state: str, epoch: int | None
) -> None:
    place = Place(table, region=region)
    home, away = place.epochs(REGION), place.epochs(AWAY)
    if change != "none":
        home.drain(NOTE)
    if change == "switched":
        away.take_over(NOTE, others={REGION: home})
    if change.startswith("written"):
        newer = epoch_key(home.current()) | {"format": {"N": "2"}}
        table.put_item(TableName=TABLE, Item=newer)

    status, body = place.ask()

    assert (status, body["state"], body.get("epoch")) == (200, state, epoch)


@pytest.mark.parametrize("error", [THROTTLED, ConnectTimeoutError(endpoint_url="https://dynamodb")])
def test_a_table_that_does_not_answer_makes_the_region_unhealthy_and_the_log_says_why(
    table: Any, error: Exception
) -> None:
    place = Place(table)
    place.weather.error = error

    status, body = place.ask()

    assert (status, body["code"]) == (503, "table_unavailable")
    [(healthy, why)] = place.told
    assert not healthy and type(error).__name__ in why


def test_one_use_case_that_was_never_published_is_told_and_a_region_without_anything_is_unhealthy(
    dynamodb: Any,
) -> None:
    assert Place(dynamodb).ask()[1]["code"] == "nothing_published"
    assert Place(dynamodb, served=()).ask()[0] == 200

    publish(dynamodb, "posts", ONE, {}, popular=["p1"])

    status, body = Place(dynamodb).ask()
    assert (status, body["listAges"], body["unpublished"]) == (200, [90], 3)


@pytest.mark.parametrize("broken", [False, True])
def test_however_often_it_is_asked_the_table_is_read_once_in_some_seconds(table: Any, broken: bool) -> None:
    place = Place(table)
    place.weather.error = THROTTLED if broken else None

    first = [place.ask() for _ in range(50)]
    reads, more = place.reads, 5  # besides one of each pointer: epoch, what is withheld, a reader's list
    place.weather.error, place.seconds = None, 4.99
    assert [place.ask()] == first[:1] and len({status for status, _ in first}) == 1
    assert place.reads == reads <= len(ENDPOINTS) + more + 1

    place.seconds = 5
    assert place.ask()[0] == 200 and place.reads <= reads + len(ENDPOINTS) + more + broken


def test_a_region_whose_published_lists_are_not_there_or_that_readers_may_not_read_is_unhealthy(
    table: Any,
) -> None:
    allowed, place = Place(table), Place(table)
    place.weather.real = WithoutItems(table)

    assert (allowed.ask()[0], place.ask()[1]["code"]) == (200, "table_unavailable")
    assert "table_failed" in place.told[0][1]

    for item in table.scan(TableName=TABLE)["Items"]:
        if item["pk"]["S"].startswith("popular#"):
            table.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
    status, body = Place(table).ask()
    assert (status, body["code"]) == (503, "nothing_served")


@dataclass
class WithoutItems:
    """A client whose queries answer, and whose single items do not."""

    real: Any

    def get_item(self, **_: Any) -> Any:
        raise THROTTLED

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)
