"""The serving API over a real table (moto's), told answers, and a campaign that does what a test wants."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any

from botocore.exceptions import ClientError
from openapi_schema_validator import OAS31Validator

from api.answering import routes
from pipeline.generations import Generations
from pipeline.http.endpoint import endpoint
from pipeline.openapi.document import document
from pipeline.serving.campaigns import Campaigns
from pipeline.serving.found import Found
from pipeline.serving.live import Live
from pipeline.serving.memory import Memory
from pipeline.serving.recommend import Recommendations
from pipeline.serving.settings import ApiSettings, Endpoint, Realtime
from pipeline.serving.sources import Sources
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting
from pipeline.serving_items import catalogue_key, list_item, user_key
from tests.app.support.gateway_events import BACKEND, event

TABLE = "recs-test-serving"
VARIANT = "personalize"
ONE, TWO = "20270101T000000000", "20270102T000000000"
NOW, FAR = 1_800_000_000.0, 4_000_000_000
REALTIME = Realtime(campaign_arn="arn:campaign", filter_arn="arn:filter", budget_ms=80)


def _endpoint(use_case: str, path: str, kind: str, **more: Any) -> Endpoint:
    return Endpoint(use_case=use_case, path=path, kind=kind, variant=VARIANT, longest=6, **more)


PEOPLE = _endpoint("people", "people", "list", people=True)
POSTS = _endpoint("posts", "posts", "feed")
PROGRAMS = _endpoint("programs", "programs", "directory")
ALIKE = _endpoint("alike", "programs", "similar")
ENDPOINTS = (PEOPLE, POSTS, PROGRAMS, ALIKE)


def with_realtime(which: Endpoint) -> tuple[Endpoint, ...]:
    return tuple(replace(one, realtime=REALTIME) if one == which else one for one in ENDPOINTS)


def failure(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Operation")


@dataclass
class Weather:
    """A client of DynamoDB; while `error` is set, every call raises it, or as many as `failures` says.
    `calls`: which there were.
    """

    real: Any
    error: Exception | None = None
    failures: int | None = None
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            self.calls.append(name)
            if self.error and self.failures != 0:
                self.failures = None if self.failures is None else self.failures - 1
                raise self.error
            return getattr(self.real, name)(**arguments)

        return call


@dataclass
class Campaign:
    """A runtime client. answer: items, or what is raised, after `seconds` and when `until` is set."""

    answer: list[str] | Exception = field(default_factory=list)
    seconds: float = 0.0
    until: Event | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_recommendations(self, **arguments: Any) -> dict[str, Any]:
        self.asked.append(arguments)
        time.sleep(self.seconds)
        if self.until:
            self.until.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        items = [{"itemId": id_, "score": 1 / n} for n, id_ in enumerate(self.answer, start=2)]
        return {"itemList": items[: arguments["numResults"]], "recommendationId": "rec-1"}


class Api:
    """One warm function. `now` is its monotonic clock, `told` what its metrics heard."""

    def __init__(
        self,
        client: Any,
        campaign: Campaign | None = None,
        endpoints: tuple[Endpoint, ...] = ENDPOINTS,
        live: Live | None = None,
    ) -> None:
        self.client, self.campaign = Weather(client), campaign or Campaign()
        self.now = 0.0
        self.told: list[Found] = []
        waiting = Waiting()
        table = Table(self.client, TABLE, waiting, clock=lambda: NOW)
        self.memory = Memory(table, pointer_seconds=5, clock=lambda: self.now)
        sources = Sources(table, self.memory, Campaigns(lambda _: self.campaign, waiting), live)
        self.settings = ApiSettings(stage="test", authorization="iam", endpoints=endpoints)
        self.failures: list[Exception] = []
        recommendations = Recommendations(sources, lambda _, found: self.told.append(found))
        self._handler = endpoint(
            routes(self.settings, recommendations), self, user_claim=lambda: "sub", waited=waiting.take
        )
        self._document = document(self.settings)

    def failed(self, route: str, request_id: str, error: Exception) -> None:
        self.failures.append(error)

    def handled(self, route: str, status: int, own_ms: float, waited_ms: float) -> None:
        pass

    def call(self, route: str, *, authorizer: Any = BACKEND, **given: Any) -> tuple[int, Any]:
        """Status and body, which must be as the API's description says."""
        answer = self._handler(event(route, authorizer=authorizer, **given), None)
        assert not self.failures, self.failures
        body = json.loads(answer["body"])
        method, path = route.split(" ")
        described = self._document["paths"][path][method.lower()]["responses"][str(answer["statusCode"])]
        schema = described["content"][answer["headers"]["content-type"]]["schema"]
        OAS31Validator({**schema, "components": self._document["components"]}).validate(body)
        return answer["statusCode"], body

    def get(
        self, which: Endpoint, id_: str, *, status: int = 200, authorizer: Any = BACKEND, **query: str
    ) -> Any:
        name = "itemId" if which.kind == "similar" else "userId"
        answered, body = self.call(which.route, path={name: id_}, query=query, authorizer=authorizer)
        assert answered == status, body
        return body

    def rank(self, user: str, items: Any, *, status: int = 200, **more: Any) -> Any:
        assert PROGRAMS.ranking_route
        body = {"items": items, **more}
        answered, body = self.call(PROGRAMS.ranking_route, path={"userId": user}, body=body)
        assert answered == status, body
        return body

    def pages(self, which: Endpoint, id_: str, **query: str) -> list[Any]:
        """All pages, each by the cursor of the one before."""
        found = [self.get(which, id_, status=200, authorizer=BACKEND, **query)]
        while "nextCursor" in found[-1]:
            query["cursor"] = found[-1]["nextCursor"]
            found.append(self.get(which, id_, status=200, authorizer=BACKEND, **query))
        return found


def ids(*bodies: Any) -> list[str]:
    return [item["id"] for body in bodies for item in body["items"]]


def put(client: Any, item: Any) -> None:
    client.put_item(TableName=TABLE, Item=item)


def publish(
    client: Any,
    use_case: str,
    generation: str,
    lists: dict[str, list[str]],
    *,
    popular: list[str],
    catalogue: list[list[str]] | None = None,
    expires: int = FAR,
    variant: str = VARIANT,
) -> None:
    """A generation as the workflow leaves it; catalogue: its pages."""
    for id_, items in lists.items():
        put(client, list_item(user_key(use_case, id_), f"{variant}#{generation}", items, expires))
    for number, page in enumerate(catalogue or ()):
        key = catalogue_key(use_case, variant, generation, number)
        item = list_item(key["pk"]["S"], key["sk"]["S"], page, expires)
        put(client, item | {"pages": {"N": str(len(catalogue or ()))}})
    generations = Generations(client, TABLE, use_case, variant, clock=lambda: NOW)
    generations.store(generation, popular, users=len(lists), expires=expires)
    generations.publish(generation, users=len(lists))


THROTTLED = failure("ProvisionedThroughputExceededException")
POPULAR = ["p1", "p2", "p3"]


class SlowStorage:
    """An S3 client that is slow for a while. reads: how many objects were asked for."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._open = Event()
        self._open.set()
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def get_object(self, **arguments: Any) -> Any:
        self.reads += 1
        self._open.wait()
        return self._real.get_object(**arguments)

    @contextmanager
    def slow(self) -> Iterator[None]:
        """Within, nothing is answered."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()
