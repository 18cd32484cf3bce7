"""A client of the serving API that knows the regions: what one does not answer, it asks of the next.

Requests are signed for the region that is asked.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import HTTPClientError

from local_cloud.lifecycle.serving_api import ServingApi

_ELSEWHERE = (500, 502, 503, 504)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """began, ended: by the monotonic clock. region: whose answer it is. tried: how many were asked."""

    began: float
    ended: float
    region: str
    status: int
    body: Any
    tried: int


class RegionalClient:
    """Of one thread. It stays with a region as long as that answers."""

    def __init__(self, apis: Mapping[str, ServingApi], order: Sequence[str]) -> None:
        self._apis = apis
        self._order = list(order)

    @property
    def region(self) -> str:
        return self._order[0]

    def prefer(self, region: str) -> None:
        """Where it is told to go, as a record of DNS would."""
        self._order.sort(key=lambda name: name != region)

    def ask(self, method: str, path: str, document: Any = None) -> Answered:
        """status: that of the last region, if none answers; 0, if not even that."""
        began, status, body, tried, region = time.monotonic(), 0, None, 0, ""
        for region in tuple(self._order):
            tried += 1
            try:
                answer = self._apis[region].ask(method, path, document)
                status, body = answer.status, answer.body
            except (HTTPClientError, ValueError):
                status, body = 0, None
            if status and status not in _ELSEWHERE:
                self.prefer(region)
                break
        return Answered(
            began=began, ended=time.monotonic(), region=region, status=status, body=body, tried=tried
        )
