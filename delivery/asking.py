"""One request to a region's API; what is wrong with the region is an answer, too."""

import json
from dataclasses import dataclass
from typing import Any

import urllib3

from recs_client import signed
from recs_client.authorizing import Outgoing

_SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """status: 0, if nobody answered. body: of JSON; None, if there is none. text: what to tell of it."""

    status: int
    body: Any
    text: str


@dataclass(frozen=True)
class Api:
    """url: without a slash at its end. credentials: of botocore, by which requests are signed where asked."""

    region: str
    url: str
    credentials: Any = None

    def get(self, path: str, *, sign: bool = False) -> Answer:
        """path: begins with a slash, its parts percent-encoded."""
        request = Outgoing(self.region, "GET", self.url + path, b"", {})
        headers = signed(self.credentials)(request) if sign else {}
        # Whoever deploys asks a few times in a day: each request over a connection of its own.
        with urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=_SECONDS)) as pool:
            try:
                answer = pool.request("GET", request.url, headers=headers, redirect=False)
            except urllib3.exceptions.HTTPError as error:
                return Answer(0, None, f"{type(error).__name__}: {error}")
        try:
            body = json.loads(answer.data)
        except ValueError:
            return Answer(answer.status, None, str(answer.status))
        code = body.get("code") if isinstance(body, dict) else None
        return Answer(answer.status, body, f"{answer.status}, {code}" if code else str(answer.status))
