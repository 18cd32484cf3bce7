"""Whom was shown what on which of the last days, and who did something with it.

An event that is there twice, as a copy of another region's is, says the same twice.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import timedelta

from pipeline.errors import InvalidInput
from pipeline.lists.fatigue import ACTED
from pipeline.storage import Bucket
from pipeline.times import run_time
from pipeline.tracking import lake
from pipeline.tracking.event import IMPRESSION
from pipeline.tracking.lines import Line, by_pattern, one_by_one
from pipeline.tracking.objects import contents

_IMPRESSION = IMPRESSION.encode()


def notes_of_people(bucket: Bucket, use_case: str, run: str, days: int) -> Iterator[tuple[str, str, str]]:
    """Person, item, and the day on which it was shown, or that something was done with it.

    Who was not signed in is left out. Raises: InvalidInput, of events that are none; StorageFailed.
    """
    last = run_time(run).date()
    for ago in range(days):
        day = (last - timedelta(days=ago)).isoformat()
        for event in _events(bucket, lake.folder(use_case, day)):
            if event.user:
                note = day if event.type == _IMPRESSION else ACTED
                yield event.user.decode(), event.item.decode(), note


def _events(bucket: Bucket, folder: str) -> Iterator[Line]:
    """Also of what other regions have copied here."""
    for one in bucket.all:
        for content in contents(one, list(lake.keys_under(one, folder))):
            text = gzip.decompress(content)
            found = by_pattern(text) or one_by_one(text)
            if found.unreadable:
                raise InvalidInput(f"{found.unreadable} lines of {folder} are no events")
            yield from map(Line._make, found.found)
