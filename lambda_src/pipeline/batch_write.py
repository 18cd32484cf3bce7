"""Items into DynamoDB, 25 at a time, with unprocessed and throttled ones tried again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError

from pipeline.errors import TableBusy
from pipeline.serving_items import Attributes

ITEMS_PER_CALL = 25
_ATTEMPTS = 10
_FIRST_SECONDS = 0.1
_MOST_SECONDS = 10.0
_BUSY = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
    }
)
"""A call of which DynamoDB takes nothing at all is an error, not an answer with what was left undone."""


def put_all(
    client: Any,
    table: str,
    items: Iterable[Attributes],
    *,
    sleep: Callable[[float], None],
    rng: random.Random,
) -> None:
    """Writes all items, whose keys must differ; waits ever longer, with full jitter, while the table is busy.

    Raises: TableBusy, if items of one call are left after ten attempts.
    """
    remaining = iter(items)
    while batch := [{"PutRequest": {"Item": item}} for item in islice(remaining, ITEMS_PER_CALL)]:
        _put(client, table, batch, sleep, rng)


def is_busy(error: ClientError) -> bool:
    """Whether DynamoDB may take the same call later."""
    return error.response["Error"].get("Code") in _BUSY


def pause(attempt: int, sleep: Callable[[float], None], rng: random.Random) -> None:
    """Before an attempt but the first (0): twice as long each time, up to ten seconds, with full jitter."""
    if attempt:
        sleep(rng.uniform(0, min(_MOST_SECONDS, _FIRST_SECONDS * 2**attempt)))


def _put(
    client: Any, table: str, batch: list[dict[str, Any]], sleep: Callable[[float], None], rng: random.Random
) -> None:
    for attempt in range(_ATTEMPTS):
        pause(attempt, sleep, rng)
        try:
            answer = client.batch_write_item(RequestItems={table: batch})
        except ClientError as error:
            if not is_busy(error):
                raise
            continue
        batch = answer.get("UnprocessedItems", {}).get(table, [])
        if not batch:
            return
    raise TableBusy(
        f"{table}: {len(batch)} of {ITEMS_PER_CALL} items were not written in {_ATTEMPTS} attempts"
    )
