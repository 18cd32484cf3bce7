"""Regions of a cloud that is up: taken down, brought back, and what travels between them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from local_cloud.ground.settings import Settings
from local_cloud.regions.admin import PATH

_SECONDS = 60.0


class RegionsRefused(RuntimeError):
    """What was asked for is not to be had."""


@dataclass(frozen=True)
class RegionsOf:
    """Of the cloud at this address."""

    settings: Settings

    def told(self) -> dict[str, Any]:
        """`down`: names. `links`: from, to, seconds, shuffled, paused, and by table or bucket what waits."""
        return self.ask("")

    def down(self, region: str) -> None:
        self.ask(f"/down/{region}", {})

    def up(self, region: str) -> None:
        self.ask(f"/up/{region}", {})

    def links(self, pair: tuple[str, str] | None = None, **way: Any) -> None:
        """way: seconds, shuffled, paused, seed; what is left out is as it is without. None: all links."""
        self.ask("/links" + ("/" + "/".join(pair) if pair else ""), way)

    def drained(self, seconds: float = 30.0) -> bool:
        """Whether all that can arrive has done so within this time."""
        return bool(self.ask("/drain", {"seconds": seconds})["drained"])

    def ask(self, path: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Raises: RegionsRefused, with the server's reason."""
        body = None if document is None else json.dumps(document).encode()
        request = Request(f"{self.settings.endpoint_url}{PATH}{path}", data=body)
        try:
            with urlopen(request, timeout=_SECONDS) as answer:
                told: dict[str, Any] = json.load(answer)
                return told
        except HTTPError as problem:
            raise RegionsRefused(json.load(problem)["message"]) from None
