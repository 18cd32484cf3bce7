"""Tables read whole, page by page, and items of a table by their keys."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from operations.restoring.kinds import Item, Kind, kind_of
from pipeline.errors import TableBusy

Key = tuple[str, str]
UNKNOWN = "of no known kind"
_AT_ONCE = 100
"""Items that BatchGetItem takes."""
_ATTEMPTS = 10


def key_of(item: Item) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def pages(client: Any, table: str, **more: Any) -> Iterator[Sequence[Item]]:
    """With consistent reads, of at most 100 items each."""
    found = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **more)
    for page in found:
        items = page["Items"]
        for first in range(0, len(items), _AT_ONCE):
            yield items[first : first + _AT_ONCE]


def counted(client: Any, table: str, kinds: Sequence[Kind]) -> Counter[str]:
    """How many items of each kind there are, by its name."""
    found: Counter[str] = Counter()
    for page in pages(client, table, ProjectionExpression="pk, sk"):
        for item in page:
            kind = kind_of(item, kinds)
            found[kind.name if kind else UNKNOWN] += 1
    return found


def there(
    client: Any, table: str, items: Sequence[Item], sleep: Callable[[float], None] = time.sleep
) -> Mapping[Key, Item]:
    """What the table has under the keys of these, at most 100, items. Raises: TableBusy."""
    found: dict[Key, Item] = {}
    keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items]
    for attempt in range(_ATTEMPTS):
        if not keys:
            return found
        if attempt:
            sleep(min(5.0, 0.1 * 2**attempt))
        wanted = {table: {"Keys": keys, "ConsistentRead": True}}
        answer = client.batch_get_item(RequestItems=wanted)
        found |= {key_of(item): item for item in answer["Responses"].get(table, [])}
        keys = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
    if keys:
        raise TableBusy(f"{table}: {len(keys)} items could not be read: DynamoDB is throttling")
    return found
