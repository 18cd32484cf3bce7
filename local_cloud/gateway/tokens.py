"""JWT authorizers: tokens of an OpenID Connect issuer, verified by the keys that the issuer publishes."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from local_cloud.gateway.apis import JwtAuthorizer, Route
from local_cloud.gateway.messages import HttpRequest

ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")
_KEYS_SECONDS = 2 * 3600.0
# An unknown key id makes the keys be read again, but not for every token that somebody invents.
_AGAIN_SECONDS = 5.0
_FETCH_SECONDS = 5.0


class BadToken(Exception):
    """Why, for the access log and the WWW-Authenticate header."""


class MissingScope(Exception):
    """The token is good, and not for this route."""


@dataclass(frozen=True)
class _Published:
    keys: KeySet
    read_at: float


class TokenVerifier:
    """Keeps the keys of issuers; `fetch` reads a JSON document from a URL."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        fetch: Callable[[str], Any] | None = None,
    ) -> None:
        self._clock = clock
        self._fetch = fetch or _fetch
        self._published: dict[str, _Published] = {}
        self._lock = Lock()

    def authorize(self, request: HttpRequest, route: Route) -> Mapping[str, Any]:
        """requestContext.authorizer. Raises: BadToken or MissingScope."""
        authorizer = route.authorizer
        if authorizer is None:
            raise BadToken("the route has no JWT authorizer")
        claims = self._claims(_token(request, authorizer), authorizer)
        scopes = _scopes(claims)
        if route.scopes and not set(route.scopes) & set(scopes):
            raise MissingScope(f"one of the scopes {', '.join(route.scopes)} is needed")
        shown = {name: _as_text(value) for name, value in claims.items()}
        return {"jwt": {"claims": shown, "scopes": scopes or None}}

    def _claims(self, text: str, authorizer: JwtAuthorizer) -> Mapping[str, Any]:
        try:
            token = self._decode(text, authorizer.issuer)
        except (JoseError, ValueError) as problem:
            raise BadToken(f"the token cannot be verified: {problem}") from None
        claims = token.claims
        now = self._clock()
        if claims.get("iss") != authorizer.issuer:
            raise BadToken("the issuer is another one")
        audience = claims["aud"] if "aud" in claims else claims.get("client_id")
        named = audience if isinstance(audience, list) else [audience]
        if not set(map(str, named)) & set(authorizer.audience):
            raise BadToken("the audience is another one")
        _check_times(claims, now)
        return claims

    def _decode(self, text: str, issuer: str) -> jwt.Token:
        keys = self._keys(issuer)
        try:
            return jwt.decode(text, keys, algorithms=list(ALGORITHMS))
        except (JoseError, ValueError):
            newer = self._keys(issuer, older_than=self._clock() - _AGAIN_SECONDS)
            if newer is keys:
                raise
            return jwt.decode(text, newer, algorithms=list(ALGORITHMS))

    def _keys(self, issuer: str, *, older_than: float | None = None) -> KeySet:
        oldest = self._clock() - _KEYS_SECONDS if older_than is None else older_than
        with self._lock:
            known = self._published.get(issuer)
            if known is not None and known.read_at >= oldest:
                return known.keys
            published = _Published(self._read(issuer), self._clock())
            self._published[issuer] = published
            return published.keys

    def _read(self, issuer: str) -> KeySet:
        configuration = self._fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            document = self._fetch(str(configuration["jwks_uri"]))
            return KeySet.import_key_set(document)  # type: ignore[no-untyped-call,no-any-return,unused-ignore]
        except (KeyError, TypeError, ValueError) as problem:
            raise BadToken(f"{issuer} publishes no keys that can be read: {problem!r}") from None


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    if "exp" not in claims:
        raise BadToken("the token does not say when it expires")
    for name in ("exp", "nbf", "iat"):
        value = claims.get(name, now if name != "exp" else None)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or value != value
            or abs(value) == inf
        ):
            raise BadToken(f"{name} is {value!r}, which is no time")
        if value <= now if name == "exp" else value > now:
            raise BadToken(f"{name} is {value}, and it is {now:.0f}")


def _fetch(url: str) -> Any:
    if urlsplit(url).scheme not in ("http", "https"):
        raise BadToken(f"an issuer is reached by https, not by {url}")
    try:
        with urllib.request.urlopen(url, timeout=_FETCH_SECONDS) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError) as problem:
        raise BadToken(f"{url} cannot be read: {problem}") from None


def _token(request: HttpRequest, authorizer: JwtAuthorizer) -> str:
    for source in authorizer.identity_sources:
        kind, _, name = source.removeprefix("$request.").partition(".")
        values = request.merged_headers if kind == "header" else request.parameters
        value = values.get(name.lower() if kind == "header" else name, "")
        if value:
            scheme, _, token = value.strip().partition(" ")
            return token.strip() if scheme.lower() == "bearer" and token else value.strip()
    raise BadToken("there is no token")


def _scopes(claims: Mapping[str, Any]) -> list[str]:
    for name in ("scope", "scp"):
        value = claims.get(name)
        if isinstance(value, str):
            return value.split()
        if isinstance(value, list):
            return [str(each) for each in value]
    return []


def _as_text(value: Any) -> str:
    """Claims reach the function as text; lists in brackets, separated by spaces."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{' '.join(map(_as_text, value))}]"
    return json.dumps(value) if isinstance(value, Mapping) else str(value)
