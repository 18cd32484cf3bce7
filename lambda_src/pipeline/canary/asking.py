"""One request of a canary, over a connection of its own, as somebody's first one is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session

CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0
_SERVICE = "execute-api"


class NoAnswer(Exception):
    """Of anybody, or of no use."""


@dataclass(frozen=True)
class Asked:
    body: dict[str, Any]
    milliseconds: float


@dataclass(frozen=True)
class Asker:
    """credentials: of botocore, for what is signed."""

    credentials: Any
    clock: Callable[[], float] = time.perf_counter

    def get(self, url: str, *, signed_for: str | None = None) -> Asked:
        """signed_for: the region. Raises: NoAnswer, if it is not 200 with an object of JSON."""
        request = AWSRequest("GET", url)
        if signed_for:
            SigV4Auth(self.credentials.get_frozen_credentials(), _SERVICE, signed_for).add_auth(request)
        session = URLLib3Session(timeout=(CONNECT_SECONDS, READ_SECONDS))
        began = self.clock()
        try:
            answer = session.send(request.prepare())
            content = answer.content
        except HTTPClientError as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error
        finally:
            session.close()
        milliseconds = 1000 * (self.clock() - began)
        if answer.status_code != 200:
            raise NoAnswer(f"status {answer.status_code}")
        try:
            body = json.loads(content)
        except ValueError:
            raise NoAnswer("no JSON") from None
        if not isinstance(body, dict):
            raise NoAnswer("no object")
        return Asked(body, milliseconds)
