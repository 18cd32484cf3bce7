"""What each user has touched of late, for models that answer in real time: one small item per event."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.batch_write import put_all
from pipeline.serving_items import Attributes
from pipeline.tracking.event import Event

KEPT_DAYS = 35
"""As long as a model: whatever it was trained on, what came after is here."""
_DAY = 86_400


def recent_key(use_case: str, user: str) -> str:
    return f"recent#{use_case}#{user}"


@dataclass(frozen=True)
class RecentEvents:
    """`client` is a DynamoDB client; `clock` answers seconds since 1970."""

    client: Any
    table: str
    rng: random.Random
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def remember(self, events: Iterable[Event], types: Collection[str]) -> None:
        """Of the events of known users those of the given types; repeating it writes the same.

        Raises: TableBusy.
        """
        expires = {"N": str(int(self.clock()) + KEPT_DAYS * _DAY)}
        items: dict[tuple[str, str], Attributes] = {}
        for event in events:
            if event.user_id is None or event.type not in types:
                continue
            pk, sk = recent_key(event.use_case, event.user_id), f"{event.timestamp:010d}#{event.claim}"
            items[pk, sk] = {
                "pk": {"S": pk},
                "sk": {"S": sk},
                "item": {"S": event.item_id},
                "expires": expires,
            }
        put_all(self.client, self.table, items.values(), sleep=self.sleep, rng=self.rng)


def newest(client: Any, table: str, use_case: str, user: str, *, most: int) -> tuple[str, ...]:
    """Ids of the items of the user's last events, oldest first. Raises: ClientError, BotoCoreError."""
    answer = client.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": recent_key(use_case, user)}},
        ScanIndexForward=False,
        Limit=most,
    )
    return tuple([item["item"]["S"] for item in reversed(answer["Items"])])
