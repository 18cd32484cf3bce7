"""Whom a canary asks, and where."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

_REMEMBERED_SECONDS = 600.0


@dataclass(frozen=True)
class CanarySettings:
    """Written by the deployment. addresses: of the API by region, None: a parameter of that region has it.
    list_path: of a list that is asked for with a signature; None: only health is asked for.
    """

    addresses: Mapping[str, str | None]
    list_path: str | None

    @classmethod
    def from_json(cls, text: str) -> CanarySettings:
        given: dict[str, Any] = json.loads(text)
        return cls(addresses=given["addresses"], list_path=given.get("list_path"))


@dataclass
class Addresses:
    """client: of Systems Manager in a region. parameter: its name, in every region. clock: in seconds."""

    client: Callable[[str], Any]
    parameter: str
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[float, str]] = field(default_factory=dict)

    def of(self, region: str) -> str:
        """The last one that was read, if it cannot be read now: a lost region is to be asked all the same.

        Raises: BotoCoreError, ClientError, if it was never read.
        """
        known = self._known.get(region)
        if known and self.clock() - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        try:
            found = self.client(region).get_parameter(Name=self.parameter)["Parameter"]["Value"]
        except (BotoCoreError, ClientError):
            if known is None:
                raise
            return known[1]
        self._known[region] = (self.clock(), str(found))
        return str(found)
