"""The events of a day in all regions, each once: those of this region, and of others what it has not itself.

A sender whose post was not answered posts it in another region too: both store it, in batches of their own.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from pipeline.errors import InvalidInput
from pipeline.storage import Bucket
from pipeline.tracking.event import Event
from pipeline.tracking.objects import contents

_ID = re.compile(rb'"event_id":"([^"]*)"')
"""Ids of events have no characters that JSON would escape."""


def events(bucket: Bucket, own: Sequence[str], copied: Sequence[str]) -> Iterator[bytes]:
    """JSON Lines, compressed. own, copied: keys, in order; of copies there may be none.

    Copies are in memory, compressed, as long as this goes on. Raises: ObjectMissing; StorageFailed.
    """
    if not copied or bucket.copies is None:
        yield from contents(bucket, own)
        return
    others = list(contents(bucket.copies, copied))
    ids = {id_ for content in others for id_ in _ID.findall(gzip.decompress(content))}
    seen: set[str] = set()
    for content in contents(bucket, own):
        text = gzip.decompress(content)
        if not ids.isdisjoint(_ID.findall(text)):
            seen.update(claim for line, claim in _claimed(text.splitlines()) if claim)
        yield content
    for content in others:
        kept = []
        for line, claim in _claimed(gzip.decompress(content).splitlines()):
            if claim is None or claim not in seen:
                kept.append(line + b"\n")
            if claim is not None:
                seen.add(claim)
        yield gzip.compress(b"".join(kept), compresslevel=1, mtime=0)


def _claimed(lines: Iterable[bytes]) -> Iterator[tuple[bytes, str | None]]:
    """None: the line is no event, which whoever counts says."""
    for line in lines:
        try:
            yield line, Event.from_json(json.loads(line)).claim
        except (InvalidInput, ValueError):
            yield line, None
