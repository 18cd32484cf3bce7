"""What the API knows of the use cases: written by the deployment as JSON, read once per function."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PERSONALIZE = "personalize"
"""The variant that campaigns belong to."""
OWN = "own"
"""The variant whose stored model answers in real time."""
LIST, FEED, DIRECTORY, SIMILAR = "list", "feed", "directory", "similar"
CAMPAIGN, REALTIME, BATCH = "campaign", "realtime", "batch"
POPULAR, CATALOGUE, NONE = "popular", "catalogue", "none"
"""Sources of an answer."""

UNITS = ("userId", "sessionId")
"""In the query of similar items: for whom."""

DEFAULT_LIMIT, MOST_ITEMS, MOST_EXCLUDED, MOST_RANKED = 20, 100, 100, 500
"""Items of an answer by default and at most, ids to leave out, and items to rank; Personalize ranks 500."""
EVENTS = "events"
"""In the query of a list and the body of a ranking: what the user has just touched."""
MOST_EVENTS = 50
"""Of the user's newest ones, that an answer in real time is given."""


@dataclass(frozen=True, kw_only=True)
class Realtime:
    """budget_ms: for the campaign's whole answer. filter_arn: leaves out what the user has already."""

    campaign_arn: str
    budget_ms: int
    filter_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Server(Realtime):
    """Of a variant: a server that speaks Personalize's API at a URL. secret: the name of the one with the
    credentials; None: those of the function.
    """

    variant: str
    url: str
    secret: str | None = None

    @property
    def region(self) -> str:
        """That requests are signed for."""
        return self.campaign_arn.split(":")[3]


@dataclass(frozen=True, kw_only=True)
class OwnRealtime:
    """budget_ms: for the stored model's whole answer. touched: whether what the user has touched is left out.
    tracked: whether the user's newest events are in the table of tracking.
    """

    budget_ms: int
    touched: bool = False
    tracked: bool = False


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One use case of the API.

    kind: list, feed, directory or similar. variant: the default one. others: the variants besides.
    longest: items stored per user at most. people: the items are users, and nobody is recommended to
    themselves. realtime: of the variant `personalize`. own: of the variant `own`. servers: of any variants.
    """

    use_case: str
    path: str
    kind: str
    variant: str
    longest: int
    others: tuple[str, ...] = ()
    people: bool = False
    realtime: Realtime | None = None
    own: OwnRealtime | None = None
    servers: tuple[Server, ...] = ()

    def campaign_of(self, variant: str) -> Realtime | None:
        found = next((server for server in self.servers if server.variant == variant), None)
        return found or (self.realtime if variant == PERSONALIZE else None)

    @property
    def variants(self) -> tuple[str, ...]:
        """The default one first."""
        return (self.variant, *self.others)

    @property
    def takes_events(self) -> bool:
        """Whether callers may say what a user has just touched; nobody has touched anything for an item."""
        return self.own is not None and self.kind != SIMILAR

    @property
    def route(self) -> str:
        """Of API Gateway."""
        if self.kind == SIMILAR:
            return f"GET /v1/{self.path}/{{itemId}}/similar"
        return f"GET /v1/users/{{userId}}/{self.path}"

    @property
    def ranking_route(self) -> str | None:
        return f"POST /v1/users/{{userId}}/{self.path}/ranking" if self.kind == DIRECTORY else None


@dataclass(frozen=True, kw_only=True)
class ApiSettings:
    """authorization: iam or jwt. notifies: whether there are inboxes, devices and links to unsubscribe."""

    stage: str
    authorization: str
    endpoints: tuple[Endpoint, ...]
    notifies: bool = False

    @classmethod
    def from_json(cls, text: str) -> ApiSettings:
        given: dict[str, Any] = json.loads(text)
        return cls(
            stage=given["stage"],
            authorization=given["authorization"],
            endpoints=tuple(_endpoint(endpoint) for endpoint in given["endpoints"]),
            notifies=given.get("notifies", False),
        )


def _endpoint(given: dict[str, Any]) -> Endpoint:
    realtime, own, others = given.pop("realtime", None), given.pop("own", None), given.pop("others", ())
    servers = given.pop("servers", ())
    return Endpoint(
        **given,
        others=tuple(others),
        realtime=Realtime(**realtime) if realtime else None,
        own=OwnRealtime(**own) if own else None,
        servers=tuple(Server(**server) for server in servers),
    )
