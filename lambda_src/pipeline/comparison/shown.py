"""What the tracked events tell of a day: who was shown what, and what came of it."""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.comparison.history import Pairs, distinct
from pipeline.comparison.lists import Index
from pipeline.errors import InvalidInput
from pipeline.storage import Bucket
from pipeline.tracking import lake
from pipeline.tracking.event import IMPRESSION
from pipeline.tracking.lines import Line, by_pattern, one_by_one
from pipeline.tracking.objects import contents
from pipeline.tracking.posting import SOURCES

_IMPRESSION, _SOURCES = IMPRESSION.encode(), frozenset(source.encode() for source in SOURCES)


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
            person = people.codes.get(event.user.decode()) if event.user else None
            if person is None:
                continue
            pair = (person, items.code(event.item.decode()))
            from_a_list = event.source in _SOURCES
            if from_a_list:
                touched.extend(pair)
            if day == days[-1] and event.type != _IMPRESSION:
                (acted if from_a_list else alone).extend(pair)
    return Shown(distinct(touched), distinct(acted), distinct(alone))


def _events(bucket: Bucket, use_case: str, day: str) -> Iterator[Line]:
    """Raises: InvalidInput, of lines that are no events; StorageFailed."""
    for content in _contents(bucket, lake.folder(use_case, day)):
        text = gzip.decompress(content)
        found = by_pattern(text) or one_by_one(text)
        if found.unreadable:
            raise InvalidInput(f"{found.unreadable} lines of {use_case} on {day} are no events")
        yield from map(Line._make, found.found)


def _contents(bucket: Bucket, folder: str) -> Iterator[bytes]:
    """Also of what other regions have copied here; whoever is in both counts once, as all pairs do."""
    for one in bucket.all:
        yield from contents(one, list(lake.keys_under(one, folder)))
