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


@dataclass(frozen=True, kw_only=True)
class ApiConfig:
    """cors_origins: web applications that may call from a browser; none by default.
    latency_ms: what 99 of 100 answers must not exceed. fallback_percent: of a use case's answers that may
    come from another source than the first one before somebody is told.
    """

    authorization: IamAuthorization | JwtAuthorization = field(default_factory=IamAuthorization)
    throttling: Throttling = field(default_factory=Throttling)
    cors_origins: tuple[str, ...] = ()
    latency_ms: int = 1000
    fallback_percent: float = 20.0
