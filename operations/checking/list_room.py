"""Whether stored lists have room for as many items as they are to have, by the real lengths of ids."""

from __future__ import annotations

import numpy as np

from config.derived.recipes import recommends_for_items
from config.rules.use_cases import MOST_UNITS
from config.schema import UseCase
from operations.checking.collected import Collected
from pipeline.serving_items import WRITE_UNIT, item_size, list_item, user_key

_RUN, _EXPIRES = "20270101T000000000", 4_000_000_000
_ITEM = 1
"""Bytes of an element of a list besides its text."""


def list_room(use_case: UseCase, collected: Collected) -> list[str]:
    """What is to be said of the lists, before any is written: of the longest ids, and of those between."""
    items = collected.sizes("ITEM_ID")
    people = items if recommends_for_items(use_case) else collected.sizes("USER_ID")
    if not items.size or not people.size:
        return []
    wanted, mean, longest = use_case.recommendations, float(np.mean(items)), int(items.max())
    least, whose = _left(use_case, int(people.max())), "items" if people is items else "people"
    if least >= wanted * (longest + _ITEM):
        return []
    usual = max(0, int(_left(use_case, round(float(np.mean(people)))) // (mean + _ITEM)))
    fewest = max(0, least // (longest + _ITEM))
    units = -(-(use_case.list_bytes - least + wanted * (longest + _ITEM)) // WRITE_UNIT)
    return [
        f"lists of {use_case.list_bytes:,} bytes have room for {min(usual, wanted):,} of {wanted:,} items as "
        f"a rule, for {fewest:,} where ids are longest{_without(people, use_case)}. Ids of items have "
        f"{mean:,.0f} bytes on average and {longest:,} at most, those of {whose} {int(people.max()):,} at "
        f"most. {_remedy(units, use_case)}"
    ]


def _remedy(units: int, use_case: UseCase) -> str:
    if units > MOST_UNITS:
        return "No list_bytes has room for all: ask for fewer recommendations, or use shorter ids"
    return (
        f"list_bytes={units * WRITE_UNIT} has room for all, at up to {units:,} write units a list in place "
        f"of {use_case.list_bytes // WRITE_UNIT:,}; or ask for fewer recommendations"
    )


def _left(use_case: UseCase, person: int) -> int:
    """Bytes for items, of who has an id of so many; of the variant with the longest name."""
    variant = max((one.name for one in use_case.variants), key=len)
    empty = list_item(user_key(use_case.name, "x" * person), f"{variant}#{_RUN}", (), _EXPIRES)
    return use_case.list_bytes - item_size(empty)


def _without(people: np.ndarray[tuple[int], np.dtype[np.uint64]], use_case: UseCase) -> str:
    """Whose id alone is longer than a list may be."""
    room = _left(use_case, 0)
    count = int(np.count_nonzero(people > max(0, room)))
    return f", {count:,} ids get no list at all" if count else ""
