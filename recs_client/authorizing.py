"""Whose word a request goes by: a role that signs it for the region that is asked, or a user's token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

_SERVICE = "execute-api"


@dataclass(frozen=True)
class Outgoing:
    """A request for one region. url: whole, percent-encoded."""

    region: str
    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]


Authorize = Callable[[Outgoing], Mapping[str, str]]
"""All headers that the request is sent with; called anew for every region."""


def signed(credentials: Any) -> Authorize:
    """Signature Version 4. credentials: of botocore, refreshed by themselves if they are of that kind."""

    def authorize(request: Outgoing) -> Mapping[str, str]:
        unsigned = AWSRequest(request.method, request.url, data=request.body, headers=dict(request.headers))
        SigV4Auth(credentials.get_frozen_credentials(), _SERVICE, request.region).add_auth(unsigned)
        return dict(unsigned.headers.items())

    return authorize


def bearer(token: Callable[[], str]) -> Authorize:
    """token: a valid one of the user's; asked for at every attempt."""
    return lambda request: {**request.headers, "Authorization": f"Bearer {token()}"}
