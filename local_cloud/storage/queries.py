"""Queries of a table that look at one partition; stock moto sorts the whole table for each of them."""

from contextvars import ContextVar
from typing import Any

from moto.dynamodb.models.table import Table

from local_cloud.ground.patching import replace

_partition: ContextVar[Any] = ContextVar("_partition", default=None)


def install() -> None:
    stock_query: Any = Table.query
    stock_all: Any = Table.all_items

    def query(self: Any, hash_key: Any, *arguments: Any, index_name: str | None = None, **more: Any) -> Any:
        # The sixth of the positional arguments that follow is the index's name.
        index = arguments[6] if len(arguments) > 6 else index_name
        if index is not None or hash_key is None or not self.range_key_attr:
            return stock_query(self, hash_key, *arguments, **_named(index_name, arguments), **more)
        token = _partition.set(hash_key)
        try:
            return stock_query(self, hash_key, *arguments, **_named(index_name, arguments), **more)
        finally:
            _partition.reset(token)

    def all_items(self: Any) -> list[Any]:
        hash_key = _partition.get()
        if hash_key is None:
            found: list[Any] = stock_all(self)
            return found
        # Another thread may write to the partition meanwhile.
        return list(dict(self.items.get(hash_key) or {}).values())

    replace(Table, "query", query)
    replace(Table, "all_items", all_items)


def _named(index_name: str | None, arguments: tuple[Any, ...]) -> dict[str, Any]:
    return {} if len(arguments) > 6 else {"index_name": index_name}
