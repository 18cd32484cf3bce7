"""Items into DynamoDB, 25 at a time, with unprocessed ones tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from pipeline.errors import TableBusy
from pipeline.serving_items import Attributes

ITEMS_PER_CALL = 25
_ATTEMPTS = 10
_FIRST_SECONDS = 0.1
_MOST_SECONDS = 10.0


def put_all(
    client: Any,
    table: str,
    items: Iterable[Attributes],
    *,
    sleep: Callable[[float], None],
    rng: random.Random,
) -> None:
    """Writes all items, whose keys must differ; waits ever longer, with full jitter, while the table is busy.

    Error: TableBusy when items of one call are left after ten attempts.
    """
    remaining = iter(items)
    while batch := [{"PutRequest": {"Item": item}} for item in islice(remaining, ITEMS_PER_CALL)]:
        _put(client, table, batch, sleep, rng)


def _put(
    client: Any, table: str, batch: list[dict[str, Any]], sleep: Callable[[float], None], rng: random.Random
) -> None:
    for attempt in range(_ATTEMPTS):
        if attempt:
            sleep(rng.uniform(0, min(_MOST_SECONDS, _FIRST_SECONDS * 2**attempt)))
        answer = client.batch_write_item(RequestItems={table: batch})
        batch = answer.get("UnprocessedItems", {}).get(table, [])
        if not batch:
            return
    raise TableBusy(
        f"{table}: {len(batch)} of {ITEMS_PER_CALL} items were not written in {_ATTEMPTS} attempts"
    )
