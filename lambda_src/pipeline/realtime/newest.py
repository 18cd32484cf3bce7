"""A user's newest events, of those that were posted since the model was trained and before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.serving.settings import MOST_EVENTS
from pipeline.tracking import recent


@dataclass(frozen=True)
class Newest:
    """client: of DynamoDB, with short time-outs and no retries of its own. told: hears of its failures."""

    client: Any
    table: str
    told: Callable[[str], None]

    def of(self, use_case: str, user: str) -> tuple[str, ...]:
        """Ids of items, oldest first; none while the table does not answer: the model knows something too."""
        try:
            return recent.newest(self.client, self.table, use_case, user, most=MOST_EVENTS)
        except (ClientError, BotoCoreError) as error:
            self.told(f"{use_case}: the newest events could not be read: {error}")
            return ()
