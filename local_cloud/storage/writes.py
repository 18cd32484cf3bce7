"""Writes to tables: one after the other, and told of to whoever watches tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import RLock
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from local_cloud.ground.patching import replace

Key = tuple[Any, Any]
"""moto's values of the partition key and the sort key; the second is None where the table has none."""
Watcher = Callable[[Any, Key], None]
"""Takes moto's record of the table, and the key of an item that has been written or deleted."""

LOCK = RLock()
"""Whoever has it is the only one who writes."""
_METHODS = ("put_item", "update_item", "delete_item", "transact_write_items", "execute_statement")
_watchers: list[Watcher] = []
_written: list[tuple[Any, Key]] = []
_depth = 0


def watch(watcher: Watcher) -> None:
    """It is told of each write while nobody else may write: of a transaction's when that is done."""
    _watchers.append(watcher)


def install() -> None:
    """moto looks at an item's condition and writes it in two steps, which other threads get between."""
    for name in _METHODS:
        replace(DynamoDBBackend, name, _alone(getattr(DynamoDBBackend, name)))
    replace(DynamoDBBackend, "update_item", _noting_updates(DynamoDBBackend.update_item))
    replace(Table, "put_item", _noting_puts(Table.put_item))
    replace(Table, "delete_item", _noting_deletions(Table.delete_item))


def _alone(method: Any) -> Any:
    @wraps(method)
    def call(*arguments: Any, **keywords: Any) -> Any:
        with _one_write():
            return method(*arguments, **keywords)

    return call


@contextmanager
def _one_write() -> Iterator[None]:
    """Of what is written within another write, the watchers hear with that; of what fails, nothing."""
    global _depth
    with LOCK:
        _depth += 1
        try:
            yield
        except BaseException:
            if _depth == 1:
                _written.clear()
            raise
        finally:
            _depth -= 1
        if not _depth and _written:
            told = {(id(table), *key): (table, key) for table, key in _written}
            _written.clear()
            for table, key in told.values():
                for watcher in _watchers:
                    watcher(table, key)


def _noting_puts(stock: Any) -> Any:
    """Also of what is imported, or written by a statement."""

    def put_item(self: Any, *arguments: Any, **keywords: Any) -> Any:
        with _one_write():
            item = stock(self, *arguments, **keywords)
            _written.append((self, (item.hash_key, item.range_key)))
            return item

    return put_item


def _noting_deletions(stock: Any) -> Any:
    def delete_item(self: Any, hash_key: Any, range_key: Any) -> Any:
        with _one_write():
            item = stock(self, hash_key, range_key)
            if item is not None:
                _written.append((self, (hash_key, range_key)))
            return item

    return delete_item


def _noting_updates(stock: Any) -> Any:
    """moto changes the item in its place."""

    def update_item(self: Any, *arguments: Any, **keywords: Any) -> Any:
        with _one_write():
            item = stock(self, *arguments, **keywords)
            table = self.get_table(keywords["table_name"] if "table_name" in keywords else arguments[0])
            _written.append((table, (item.hash_key, item.range_key)))
            return item

    return update_item
