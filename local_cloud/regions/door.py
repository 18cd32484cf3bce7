"""In front of every service: a region that is down answers nothing."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from moto.s3.models import s3_backends

from local_cloud.regions.reach import Reach

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]
_SCOPE = re.compile(
    r"Credential=[^/&]+?(?:/|%2F)\d{8}(?:/|%2F)(?P<region>[^/%]+)(?:/|%2F)(?P<service>[^/%]+)"
)
_PARTITION = "aws"


class Door:
    """A WSGI app. Who does not sign is asked nothing: no service's answers are to be had that way."""

    def __init__(self, services: WsgiApp, reach: Reach, account: str) -> None:
        self._services = services
        self._reach = reach
        self._account = account

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Raises: RegionDown."""
        if self._reach.down and (region := self._region(environ)) is not None:
            self._reach.require(region)
        return self._services(environ, start_response)

    def _region(self, environ: Environ) -> str | None:
        """Of the signature; a bucket is where it is, whatever region a caller names."""
        signed = environ.get("HTTP_AUTHORIZATION") or environ.get("QUERY_STRING", "")
        scope = _SCOPE.search(signed)
        if scope is None or scope["service"] == "s3":
            name = environ.get("PATH_INFO", "").strip("/").partition("/")[0]
            bucket = s3_backends[self._account][_PARTITION].buckets.get(name)
            if bucket is not None:
                return str(bucket.region_name)
        return scope["region"] if scope else None
