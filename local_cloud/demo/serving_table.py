"""Reads the serving table as its readers do: the pointer first, then lists of that generation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pipeline.generations import Generations

_KEYS_PER_CALL = 100


@dataclass(frozen=True)
class Served:
    """The visible generation of a use case: each user's list, and the bytes of the stored item."""

    generation: str
    lists: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, int]


def read(dynamodb: Any, table: str, use_case: str, variant: str, users: Iterable[str]) -> Served | None:
    """None if no generation has been published yet; users without a list are left out."""
    pointer = Generations(dynamodb, table, use_case, variant).pointer()
    if pointer is None:
        return None
    generation = pointer.generation
    prefix = f"user#{use_case}#"
    keys = ({"pk": {"S": prefix + user}, "sk": {"S": f"{variant}#{generation}"}} for user in users)
    lists, sizes = {}, {}
    while batch := list(islice(keys, _KEYS_PER_CALL)):
        for item in _items(dynamodb, table, batch):
            user = item["pk"]["S"].removeprefix(prefix)
            lists[user] = tuple(entry["S"] for entry in item["items"]["L"])
            sizes[user] = item_size(item)
    return Served(generation, lists, sizes)


def _items(dynamodb: Any, table: str, keys: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    pending = {table: {"Keys": keys}}
    while pending:
        answer = dynamodb.batch_get_item(RequestItems=pending)
        yield from answer["Responses"].get(table, [])
        pending = answer.get("UnprocessedKeys", {})


def item_size(item: Mapping[str, Any]) -> int:
    """Bytes that DynamoDB counts: attribute names and values, lists with 3 bytes and 1 per entry."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    [(kind, content)] = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return (len(content.lstrip("-").replace(".", "")) + 1) // 2 + 1
    if kind == "L":
        return 3 + sum(1 + _value_size(entry) for entry in content)
    raise ValueError(f"an attribute of type {kind} is not expected in the serving table")
