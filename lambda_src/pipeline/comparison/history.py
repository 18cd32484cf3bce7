"""What the run's datasets say: how popular items are, how much people have done, and what they did lately."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, islice, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.comparison.lists import Index
from pipeline.csv_rows import rows
from pipeline.errors import InvalidInput
from pipeline.storage import Bucket

Pairs = NDArray[np.int64]
"""rows x 2: person, item"""
_BLOCK, _NOBODY = 50_000, -1
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
    counts = np.zeros(len(items), np.int64)
    done, before = (np.zeros(len(people), np.int64) for _ in range(2))
    lately: list[Pairs] = []
    day: list[Pairs] = []
    interactions = rows(bucket, keys["interactions"], ["USER_ID", "ITEM_ID", "TIMESTAMP"])
    while block := list(islice(interactions, _BLOCK)):
        users, touched, moments = zip(*block, strict=True)
        codes = np.fromiter(items.all_of(touched), np.int64, len(block))
        counts = _padded(counts, len(items)) + np.bincount(codes, minlength=len(items))
        if of_items:
            continue
        persons = np.fromiter(map(people.codes.get, users, repeat(_NOBODY)), np.int64, len(block))
        there = persons >= 0
        pairs = np.column_stack([persons, codes])[there]
        done += np.bincount(pairs[:, 0], minlength=len(done))
        if window is not None:
            at = _seconds(compress(moments, there), len(pairs), keys["interactions"])
            earlier = at < window.since
            before += np.bincount(pairs[earlier, 0], minlength=len(before))
            lately.append(pairs[~earlier])
            day.append(pairs[(at >= window.day_begins) & (at < window.day_ends)])
    return History(
        done=_of_items(people, items, counts) if of_items else done,
        before=before,
        counts=counts,
        lately=_together(lately),
        on_the_day=_together(day),
    )


def distinct(flat: Sequence[int] | NDArray[np.int64]) -> Pairs:
    """flat: person, item, person, item, ..."""
    pairs = np.array(flat, np.int64).reshape(-1, 2)
    return np.unique(pairs, axis=0) if len(pairs) else pairs


def _together(pairs: Sequence[Pairs]) -> Pairs:
    return distinct(np.concatenate([*pairs, np.empty((0, 2), np.int64)]).ravel())


def _seconds(moments: Iterable[str], count: int, key: str) -> NDArray[np.int64]:
    try:
        return np.fromiter(map(int, moments), np.int64, count)
    except ValueError as error:
        raise InvalidInput(f"{key} has a TIMESTAMP that is no whole number: {error}") from None


def _padded(counted: Sequence[int] | NDArray[np.int64], length: int) -> NDArray[np.int64]:
    counts = np.zeros(length, np.int64)
    counts[: len(counted)] = counted
    return counts


def _of_items(people: Index, items: Index, counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """What happened to the items that the lists belong to."""
    codes = [items.codes.get(name, -1) for name in people.codes]
    return np.array([counts[code] if code >= 0 else 0 for code in codes], np.int64)
