"""How a region looks to a reader elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.canary.asking import Asker, NoAnswer

HEALTH = "/v1/health"


@dataclass(frozen=True)
class Seen:
    """why: empty if everything was answered. milliseconds: of the last answer, that of a list if one was
    asked for. list_age: seconds since the oldest of what the region serves was published.
    """

    region: str
    why: str
    milliseconds: float | None = None
    list_age: float | None = None

    @property
    def available(self) -> bool:
        return not self.why


@dataclass(frozen=True)
class Looker:
    """address: of a region's API, as Addresses.of. list_path: see CanarySettings."""

    asker: Asker
    address: Callable[[str], str]
    list_path: str | None

    def look(self, region: str) -> Seen:
        age: float | None = None
        try:
            address = self.address(region)
            asked = health = self.asker.get(address + HEALTH)
            age = max(health.body.get("listAges", ()), default=None)
            if self.list_path:
                asked = self.asker.get(address + self.list_path, signed_for=region)
                # Until a use case is published for the first time its lists are empty.
                if not asked.body.get("items") and not health.body.get("unpublished"):
                    raise NoAnswer("an empty list")
        except (NoAnswer, BotoCoreError, ClientError) as error:
            return Seen(region, str(error), list_age=age)
        return Seen(region, "", asked.milliseconds, age)
