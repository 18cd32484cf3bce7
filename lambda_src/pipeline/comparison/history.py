"""What the run's datasets say: how popular items are, how much people have done, and what they did lately."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.comparison.lists import Index
from pipeline.csv_rows import rows
from pipeline.errors import InvalidInput
from pipeline.storage import Bucket

Pairs = NDArray[np.int64]
"""rows x 2: person, item"""
SEGMENTS = ("cold", "new", "light", "heavy")


@dataclass(frozen=True, kw_only=True)
class History:
    """done: interactions of each person, by code, or of each item where lists belong to items. before: those
    before a moment. counts: of each item. lately, on_the_day: pairs since that moment, and those of the whole
    day after it, each once.
    """

    done: NDArray[np.int64]
    before: NDArray[np.int64]
    counts: NDArray[np.int64]
    lately: Pairs
    on_the_day: Pairs

    def padded(self, people: int, items: int) -> History:
        """With nothing done by people, and nothing done to items, that came up later."""
        return replace(
            self,
            done=_padded(self.done, people),
            before=_padded(self.before, people),
            counts=_padded(self.counts, items),
        )


def segments(done: NDArray[np.int64], light_from: int, heavy_from: int) -> dict[str, NDArray[np.bool_]]:
    """Who is in which: cold have done nothing, new less than light ones, these less than heavy ones."""
    masks = (done == 0, (done > 0) & (done < light_from), (done >= light_from) & (done < heavy_from))
    return dict(zip(SEGMENTS, (*masks, done >= heavy_from), strict=True))


@dataclass(frozen=True)
class Window:
    """Seconds since 1970: from `since` on what happens is lately; the day begins and ends, half-open."""

    since: float
    day_begins: float
    day_ends: float


def read(
    bucket: Bucket,
    datasets: Sequence[Mapping[str, Any]],
    people: Index,
    items: Index,
    *,
    window: Window | None,
    of_items: bool,
) -> History:
    """People who are in no batch are left out. window: None, if there is no earlier list to look at.

    Raises: InvalidInput, if there are no interactions or their times are none; StorageFailed.
    """
    keys = {dataset["dataset"]: dataset["key"] for dataset in datasets}
    if "interactions" not in keys:
        raise InvalidInput("datasets must have interactions")
    if "items" in keys:
        for (item,) in rows(bucket, keys["items"], ["ITEM_ID"]):
            items.code(item)
    counted = array("q")
    done, before = (array("q", bytes(8 * len(people))) for _ in range(2))
    lately, day = array("q"), array("q")
    known = people.codes
    for user, item, moment in rows(bucket, keys["interactions"], ["USER_ID", "ITEM_ID", "TIMESTAMP"]):
        code = items.code(item)
        if code >= len(counted):
            counted.extend([0] * (code + 1 - len(counted)))
        counted[code] += 1
        person = known.get(user)
        if person is None or of_items:
            continue
        done[person] += 1
        if window is not None:
            at = _seconds(moment, keys["interactions"])
            if at < window.since:
                before[person] += 1
            else:
                lately.extend((person, code))
            if window.day_begins <= at < window.day_ends:
                day.extend((person, code))
    counts = _padded(counted, len(items))
    return History(
        done=_of_items(people, items, counts) if of_items else np.array(done, np.int64),
        before=np.array(before, np.int64),
        counts=counts,
        lately=distinct(lately),
        on_the_day=distinct(day),
    )


def distinct(flat: Sequence[int]) -> Pairs:
    """flat: person, item, person, item, ..."""
    pairs = np.array(flat, np.int64).reshape(-1, 2)
    return np.unique(pairs, axis=0) if len(pairs) else pairs


def _seconds(moment: str, key: str) -> int:
    try:
        return int(moment)
    except ValueError:
        raise InvalidInput(f"{key} has the TIMESTAMP {moment!r}, which is no whole number") from None


def _padded(counted: Sequence[int] | NDArray[np.int64], length: int) -> NDArray[np.int64]:
    counts = np.zeros(length, np.int64)
    counts[: len(counted)] = counted
    return counts


def _of_items(people: Index, items: Index, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """What happened to the items that the lists belong to."""
    codes = [items.codes.get(name, -1) for name in people.codes]
    return np.array([counts[code] if code >= 0 else 0 for code in codes], np.int64)
