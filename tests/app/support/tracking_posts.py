"""What is posted to the API of events, and what of it is in the queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pipeline.tracking import messages
from tests.app.support.in_memory import client

ITEM_COLUMNS = [
    {"name": "TITLE", "type": "string", "nullable": True, "textual": True},
    {"name": "CREATION_TIMESTAMP", "type": "long"},
    {"name": "PRICE", "type": "double", "nullable": True},
]
USE_CASES = json.dumps(
    {
        "posts": {
            "eventTypes": ["view", "like"],
            "actions": [],
            "attributes": {
                "users": {"columns": [{"name": "AGE", "type": "int", "nullable": True}]},
                "items": {"columns": ITEM_COLUMNS},
            },
        },
        "users_to_follow": {"eventTypes": ["follow"], "actions": []},
    }
)
ACCOUNT = "123456789012"
Post = Callable[..., tuple[int, dict[str, Any]]]


def posted(**changes: Any) -> dict[str, Any]:
    values = {
        "eventId": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "useCase": "posts",
        "type": "impression",
        "itemId": "42",
        "userId": "7",
        "occurredAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "source": "batch",
        "variant": "personalize",
    }
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


def queued(queue: str) -> list[Any]:
    found = []
    while received := client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        found += [messages.read(message["Body"]) for message in received]
    return found
