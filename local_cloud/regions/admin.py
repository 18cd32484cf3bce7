"""What a test or an operator does to regions and links, by HTTP on the server's own paths.

GET  /_local/regions                    which are down, the links and what waits there
POST /_local/regions/down/<region>      it answers nothing any more
POST /_local/regions/up/<region>        it is back, with all that it had
POST /_local/regions/links              of all links: {"seconds": 0.03, "shuffled": false, "paused": false,
POST /_local/regions/links/<from>/<to>  of one        "seed": 1}; what is left out is as it is without
POST /_local/regions/drain              waits until all has arrived that can: {"seconds": 10}
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from boto3 import Session

from local_cloud.regions.carrier import Carrier, Pair
from local_cloud.regions.links import Way
from local_cloud.regions.reach import Reach

PATH = "/_local/regions"
KNOWN = frozenset(Session().get_available_regions("dynamodb"))
"""Regions."""
_DRAIN_SECONDS = 10.0


class NotAsked(ValueError):
    """What was asked for is not there, or not to be had in this way; the message says what is."""


class Admin:
    def __init__(self, reach: Reach, carrier: Carrier) -> None:
        self._reach = reach
        self._carrier = carrier

    def answer(self, method: str, rest: str, body: bytes) -> tuple[int, bytes]:
        """rest: of the path, without slashes around it."""
        try:
            document = _object(body)
            told = self._told() if (method, rest) == ("GET", "") else self._done(method, rest, document)
        except (ValueError, TypeError) as problem:
            return 400, json.dumps({"message": str(problem)}).encode()
        return 200, json.dumps(told).encode()

    def _done(self, method: str, rest: str, document: Mapping[str, Any]) -> Any:
        word, *names = rest.split("/")
        for name in names:
            if name not in KNOWN:
                raise NotAsked(f"{name!r} is no region")
        doings: dict[tuple[str, int], Callable[[], Any]] = {
            ("down", 1): lambda: self._reach.take_down(names[0]),
            ("up", 1): lambda: self._reach.bring_up(names[0]),
            ("links", 0): lambda: self._set(None, document),
            ("links", 2): lambda: self._set((names[0], names[1]), document),
            ("drain", 0): lambda: self._carrier.drained(float(document.get("seconds", _DRAIN_SECONDS))),
        }
        doing = doings.get((word, len(names)))
        if method != "POST" or doing is None:
            raise NotAsked(f"nothing is done by {method} {PATH}/{rest}; there is: {(__doc__ or '').strip()}")
        done = doing()
        return {"drained": done, **self._told()} if word == "drain" else self._told()

    def _set(self, pair: Pair | None, document: Mapping[str, Any]) -> None:
        more = dict(document)
        seed = more.pop("seed", None)
        self._carrier.set_way(pair, Way(**more), None if seed is None else int(seed))

    def _told(self) -> dict[str, Any]:
        links = [
            {
                "from": source,
                "to": destination,
                "seconds": way.seconds,
                "shuffled": way.shuffled,
                "paused": way.paused,
                "waiting": about,
            }
            for (source, destination), (way, about) in self._carrier.links().items()
        ]
        return {"down": list(self._reach.down), "links": links}


def _object(body: bytes) -> Mapping[str, Any]:
    document = json.loads(body or b"{}")
    if not isinstance(document, dict):
        raise NotAsked("the body must be a JSON object")
    return document
