"""The types of the serving API: what each use case answers, and who may ask."""

from dataclasses import dataclass, field
from enum import StrEnum


class EndpointKind(StrEnum):
    """What is asked for.

    list: a user's best items. feed: the same, in pages. directory: all items, the best matching first.
    similar: items like a given one.
    """

    LIST = "list"
    FEED = "feed"
    DIRECTORY = "directory"
    SIMILAR = "similar"


@dataclass(frozen=True, kw_only=True)
class Realtime:
    """Asks a model first, in the region that trains: the campaign of the variant `personalize`, the stored
    model of the variant `own`, or the server of either, whichever variant is due and where the stage has it.

    budget_ms: for the model's answer, connecting included; after that the stored list answers.
    """

    budget_ms: int = 150


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a use case is asked: `/v1/users/{userId}/<path>`, or `/v1/<path>/{itemId}/similar`."""

    path: str
    kind: EndpointKind
    realtime: Realtime | None = None


@dataclass(frozen=True, kw_only=True)
class IamAuthorization:
    """Callers sign with the credentials of a role of this account: a backend that may name any user."""


@dataclass(frozen=True, kw_only=True)
class JwtAuthorization:
    """Callers bring a token of an OpenID Connect issuer, and may name themselves only.

    issuer: its https URL. audience: the applications whose tokens are taken. user_claim: holds the user's id.
    """

    issuer: str
    audience: tuple[str, ...]
    user_claim: str = "sub"


@dataclass(frozen=True, kw_only=True)
class Throttling:
    """Requests of a stage's API in a region: per second on average, and at once."""

    rate_per_second: int = 100
    burst: int = 200


class Routing(StrEnum):
    """How the name that all regions share leads to one of them: to healthy ones only, if there is any.

    failover: to the primary region; to the other one, while it is not healthy. latency: to the nearest one.
    """

    FAILOVER = "failover"
    LATENCY = "latency"


@dataclass(frozen=True, kw_only=True)
class ApiDomain:
    """name: below which each region has a name of its own, for example `eu-west-1.api.example.com` of
    `api.example.com`. zone_id, zone_name: of a public hosted zone of Route 53 in the stage's account.
    routing: of `name` itself; None: it leads nowhere, and clients choose a region.
    check_seconds: between two requests of each health checker, 10 or 30. check_failures: in a row, after
    which a region counts as unhealthy. check_from: regions of health checkers; none: all that Route 53 takes.
    """

    name: str
    zone_id: str
    zone_name: str
    routing: Routing | None = None
    check_seconds: int = 30
    check_failures: int = 3
    check_from: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Canary:
    """What asks every region from every region, in stages that have several.

    minutes: between two looks. latency_ms: that one of six answers in a row must not exceed, over a new
    connection and perhaps round the world.
    """

    enabled: bool = True
    minutes: int = 5
    latency_ms: int = 3000


@dataclass(frozen=True, kw_only=True)
class ApiConfig:
    """cors_origins: web applications that may call from a browser; none by default.
    latency_ms: what 99 of 100 answers must not exceed. fallback_percent: of a use case's answers that may
    come from another source than the first one before somebody is told.
    domain: none means that each region has the address that API Gateway gives it, and no other.
    """

    authorization: IamAuthorization | JwtAuthorization = field(default_factory=IamAuthorization)
    throttling: Throttling = field(default_factory=Throttling)
    cors_origins: tuple[str, ...] = ()
    latency_ms: int = 1000
    fallback_percent: float = 20.0
    domain: ApiDomain | None = None
    canary: Canary = field(default_factory=Canary)
