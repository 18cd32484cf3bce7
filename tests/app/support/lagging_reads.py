"""DynamoDB of which eventually consistent reads know nothing yet: only consistent ones see what is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NOTHING: dict[str, Any] = {"Items": [], "Count": 0}


@dataclass(frozen=True)
class LaggingReads:
    """In the place of a client."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def get_item(self, **asked: Any) -> Any:
        return self.client.get_item(**asked) if asked.get("ConsistentRead") else {}

    def query(self, **asked: Any) -> Any:
        return self.client.query(**asked) if asked.get("ConsistentRead") else NOTHING

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> Any:
        consistent = {name: keys for name, keys in RequestItems.items() if keys.get("ConsistentRead")}
        return self.client.batch_get_item(RequestItems=consistent) if consistent else {"Responses": {}}

    def get_paginator(self, name: str) -> _Pages:
        return _Pages(self.client.get_paginator(name))


@dataclass(frozen=True)
class _Pages:
    paginator: Any

    def paginate(self, **asked: Any) -> Iterator[Any]:
        return iter(self.paginator.paginate(**asked) if asked.get("ConsistentRead") else [NOTHING])
