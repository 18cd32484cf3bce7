"""An OpenID Connect issuer that gives anybody on this machine a token of any user."""

import json
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.request import Request, urlopen

from joserfc import jwt
from joserfc.jwk import ECKey

from local_cloud.ground.settings import Settings
from local_cloud.people.addresses import AUDIENCE, issuer

SECONDS = 3600
"""for which a token is good"""
LONGEST = 256
"""characters of a user's id"""


class Issuer:
    """Its key is made when it is first needed, and lost with it. clock: seconds since 1970."""

    def __init__(self, url: str, clock: Callable[[], float] = time.time) -> None:
        self._url = url
        self._clock = clock

    @cached_property
    def _key(self) -> ECKey:
        return ECKey.generate_key("P-256", parameters={"use": "sig", "alg": "ES256"}, auto_kid=True)

    def answer(self, method: str, rest: str, body: bytes) -> tuple[int, bytes]:
        """GET of the two documents of OpenID Connect Discovery, POST of `token` with {"sub": a user's id}."""
        if (method, rest) == ("POST", "token"):
            status, document = self._issued(body)
        elif method == "GET" and rest == ".well-known/openid-configuration":
            status, document = 200, {"issuer": self._url, "jwks_uri": f"{self._url}/keys"}
        elif method == "GET" and rest == "keys":
            status, document = 200, {"keys": [self._key.as_dict(private=False)]}
        else:
            status, document = 404, {"message": "Not Found"}
        return status, json.dumps(document).encode()

    def _issued(self, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        subject = given.get("sub") if isinstance(given, dict) else None
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST:
            rule = f'{{"sub": "<a user\'s id>"}} of 1 to {LONGEST} characters is needed'
            return 400, {"error": "invalid_request", "error_description": rule}
        return 200, {"access_token": self.token(subject), "token_type": "Bearer", "expires_in": SECONDS}

    def token(self, subject: str) -> str:
        now = int(self._clock())
        claims = {"iss": self._url, "sub": subject, "aud": AUDIENCE, "iat": now, "exp": now + SECONDS}
        return jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key)


def token_of(settings: Settings, user: str) -> str:
    """A token of the cloud that is up at these settings. Raises: OSError, if it does not answer."""
    body = json.dumps({"sub": user}).encode()
    request = Request(f"{issuer(settings)}/token", data=body, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["access_token"])
