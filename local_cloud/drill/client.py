"""People's client of the serving API, as applications have it, and what it was like for them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.credentials import Credentials

from recs_client import NoRegionAnswered, RegionalClient, signed

_SECONDS = 30.0
"""For one region, on a machine that is busy with both."""
_STAY_SECONDS = 3600.0
"""With whoever answers. A region that has just come back has older lists until copies arrive."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """began, ended: by the monotonic clock. region: whose answer it is; empty if none answered. tried: how
    many were asked.
    """

    began: float
    ended: float
    region: str
    status: int
    body: Any
    tried: int


class Person:
    """addresses: of the API, by region, in the order in which they are asked."""

    def __init__(self, addresses: Mapping[str, str], credentials: Credentials) -> None:
        self._addresses, self._credentials = dict(addresses), credentials
        self._client = self._asking(self._addresses)

    def _asking(self, addresses: Mapping[str, str]) -> RegionalClient:
        return RegionalClient(
            addresses,
            signed(self._credentials),
            attempt_seconds=_SECONDS,
            total_seconds=_SECONDS * len(addresses),
            avoid_seconds=_STAY_SECONDS,
        )

    def prefer(self, region: str) -> None:
        """Where people are told to go, as a new version of the application would."""
        others = {name: url for name, url in self._addresses.items() if name != region}
        self._client = self._asking({region: self._addresses[region], **others})

    def ask(self, method: str, path: str, document: Any = None) -> Answered:
        """status: 0, if no region answers."""
        began = time.monotonic()
        try:
            answer = self._client.ask(method, path, document=document)
        except NoRegionAnswered as error:
            region, status, body, tried = "", 0, None, len(error.failed)
        else:
            region, status, body = answer.region, answer.status, answer.body
            tried = len(answer.failed) + 1
        return Answered(
            began=began, ended=time.monotonic(), region=region, status=status, body=body, tried=tried
        )
