"""Writes one after the other, and transactions and queries that cost what they write and read."""

from functools import wraps
from threading import RLock
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.storage import attribute_values as answers
from local_cloud.storage import queries
from local_cloud.storage.transactions import transact_write_items

_WRITES = ("put_item", "update_item", "delete_item")


def install(_settings: Settings) -> None:
    """moto looks at an item's condition and writes it in two steps, which other threads get between; and it
    copies the whole table for every item of a transaction.
    """
    lock = RLock()

    def alone(method: Any) -> Any:
        @wraps(method)
        def call(*arguments: Any, **keywords: Any) -> Any:
            with lock:
                return method(*arguments, **keywords)

        return call

    answers.install()
    queries.install()
    replace(DynamoDBBackend, "transact_write_items", transact_write_items)
    for name in (*_WRITES, "transact_write_items"):
        replace(DynamoDBBackend, name, alone(getattr(DynamoDBBackend, name)))
