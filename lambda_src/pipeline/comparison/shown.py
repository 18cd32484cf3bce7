"""What the tracked events tell of a day: who was shown what, and what came of it."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pipeline.comparison.history import Pairs, distinct
from pipeline.comparison.lists import Index
from pipeline.storage import CONNECTIONS, Bucket, storage_errors
from pipeline.tracking import lake
from pipeline.tracking.batch import unpacked
from pipeline.tracking.event import IMPRESSION, Event
from pipeline.tracking.posting import SOURCES


@dataclass(frozen=True)
class Shown:
    """touched: pairs of person and item that a list had to do with, shown or acted on, on any of the days.
    acted: pairs of the last day's actions out of a list; by_themselves: of its other events.
    """

    touched: Pairs
    acted: Pairs
    by_themselves: Pairs


def read(bucket: Bucket, use_case: str, days: Sequence[str], people: Index, items: Index) -> Shown:
    """days: 2026-11-21, UTC, in order. Sessions without a user are left out.

    Raises: InvalidInput, of events that are none; StorageFailed.
    """
    touched, acted, alone = array("q"), array("q"), array("q")
    for day in days:
        for event in _events(bucket, use_case, day):
            person = people.codes.get(event.user_id) if event.user_id is not None else None
            if person is None:
                continue
            pair = (person, items.code(event.item_id))
            from_a_list = event.source in SOURCES
            if from_a_list:
                touched.extend(pair)
            if day == days[-1] and event.type != IMPRESSION:
                (acted if from_a_list else alone).extend(pair)
    return Shown(distinct(touched), distinct(acted), distinct(alone))


def _events(bucket: Bucket, use_case: str, day: str) -> Iterable[Event]:
    def stored(key: str) -> tuple[Event, ...]:
        with bucket.open(key) as body, storage_errors(f"reading {bucket.url(key)}"):
            return unpacked(body.read())

    keys = list(lake.keys_under(bucket, lake.folder(use_case, day)))
    with ThreadPoolExecutor(max_workers=CONNECTIONS, thread_name_prefix="events") as threads:
        for start in range(0, len(keys), CONNECTIONS):
            for events in threads.map(stored, keys[start : start + CONNECTIONS]):
                yield from events
