"""Whether caps keep an item from the beginning of somebody's list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from config.schema import DatasetType, UseCase
from pipeline import keys
from pipeline.errors import ObjectMissing
from pipeline.lists.caps import Cap, values_of_items
from pipeline.storage import Bucket


def kept_down(bucket: Bucket, case: UseCase, run: str, listed: Sequence[str], item: str) -> tuple[Cap, ...]:
    """The caps that the first of a run's list reach without the item.

    None where the run's items are not kept any more.

    Raises: StorageFailed, InvalidInput.
    """
    caps = [Cap(column=cap.column, most=cap.most, among=cap.among) for cap in case.caps]
    if not caps:
        return ()
    try:
        values = values_of_items(bucket, keys.dataset(case.name, run, DatasetType.ITEMS.value), caps)
    except ObjectMissing:
        return ()
    found = []
    for cap in caps:
        of, first = values[cap.column], listed[: cap.among]
        counts = Counter(value for one in first for value in of.get(one, ()))
        if item not in first and any(counts[value] >= cap.most for value in of.get(item, ())):
            found.append(cap)
    return tuple(found)
