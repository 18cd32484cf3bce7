"""The items of the serving table: their keys, their shapes and how large DynamoDB says they are.

Sizes by DynamoDB's documented rules: attribute names and strings count their UTF-8 bytes, a number a byte per
two digits and one more, a list three bytes and one more per element. A write unit carries 1024 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WRITE_UNIT = 1024

Attributes = dict[str, dict[str, Any]]


def user_key(use_case: str, user_id: str) -> str:
    return f"user#{use_case}#{user_id}"


def pointer_key(use_case: str, variant: str, region: str | None = None) -> Attributes:
    """region: of later epochs than 0, in each of which one region writes, and none writes another's item."""
    return {"pk": {"S": pointer_pk(use_case)}, "sk": {"S": f"{variant}@{region}" if region else variant}}


def pointer_pk(use_case: str) -> str:
    return f"pointer#{use_case}"


def pointed_variant(sk: str) -> str:
    """Of a pointer, by its sort key."""
    return sk.partition("@")[0]


def popular_key(use_case: str, variant: str, generation: str) -> Attributes:
    return {"pk": {"S": f"popular#{use_case}"}, "sk": {"S": f"{variant}#{generation}"}}


def catalogue_key(use_case: str, variant: str, generation: str, page: int) -> Attributes:
    return {"pk": {"S": f"catalogue#{use_case}"}, "sk": {"S": f"{variant}#{generation}#{page:05d}"}}


def list_item(pk: str, sk: str, items: Sequence[str], expires: int) -> Attributes:
    return {
        "pk": {"S": pk},
        "sk": {"S": sk},
        "items": {"L": [{"S": item} for item in items]},
        "expires": {"N": str(expires)},
    }


def fitting(
    pk: str, sk: str, items: Sequence[str], expires: int, *, list_bytes: int = WRITE_UNIT
) -> int | None:
    """How many of the items, from the first, fit into so many bytes; None if not even the empty list does."""
    left = list_bytes - item_size(list_item(pk, sk, (), expires))
    if left < 0:
        return None
    for count, item in enumerate(items):
        left -= len(item.encode()) + 1
        if left < 0:
            return count
    return len(items)


def write_units(item: Attributes) -> int:
    """That writing the item takes."""
    return -(-item_size(item) // WRITE_UNIT)


def item_size(item: Attributes) -> int:
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    match value:
        case {"S": text}:
            return len(text.encode())
        case {"N": digits}:
            return (len(digits) + 1) // 2 + 1
        case {"L": elements}:
            return 3 + sum(_value_size(element) + 1 for element in elements)
    raise TypeError(f"no size known for {value}")
