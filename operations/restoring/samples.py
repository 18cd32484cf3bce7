"""What a table holds, in little: numbers of items by kind, and digests of items, of all or of a sample."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from operations.restoring.kinds import Item, Kind, kind_of
from operations.restoring.reading import UNKNOWN, Key, key_of, pages

MOST = 200_000
"""Digests of one table."""


@dataclass(frozen=True)
class Sample:
    """numbers: of items by the kind's name, of all. digests: by key and kind, of every `every`th item."""

    numbers: Mapping[str, int]
    digests: Mapping[tuple[str, Key], bytes]


@dataclass(frozen=True)
class Judged:
    """Of a kind. then: numbers in the table before and after the moment, and as restored. judged: items of
    the sample that did not change around the moment. wrong: those that were restored otherwise, or not. off:
    whether the number of restored items can't be that of the moment.
    """

    before: int
    after: int
    restored: int
    judged: int
    moved: int
    wrong: tuple[str, ...]
    off: bool


def sample(client: Any, table: str, kinds: Sequence[Kind], every: int) -> Sample:
    numbers: Counter[str] = Counter()
    digests: dict[tuple[str, Key], bytes] = {}
    for page in pages(client, table):
        for item in page:
            kind = kind_of(item, kinds)
            name, key = kind.name if kind else UNKNOWN, key_of(item)
            numbers[name] += 1
            if zlib.crc32("\0".join(key).encode()) % every == 0:
                digests[name, key] = _digest(item)
    return Sample(numbers, digests)


def judged(before: Sample, after: Sample, restored: Sample, every: int) -> dict[str, Judged]:
    """Of three samples taken alike, by kind. What was the same before the moment and after it must be in the
    restored table; of what changed in between nobody can say what it was.
    """
    names = sorted({*before.numbers, *after.numbers, *restored.numbers})
    return {name: _of(name, before, after, restored, every) for name in names}


def _of(name: str, before: Sample, after: Sample, restored: Sample, every: int) -> Judged:
    was, then, found = (
        {key: digest for (kind, key), digest in each.digests.items() if kind == name}
        for each in (before, after, restored)
    )
    still = {key for key in was if was[key] == then.get(key)}
    moved = len({*was, *then} - still)
    wrong = sorted(" ".join(key) for key in still if found.get(key) != was[key])
    # What is in neither came and went within moments; where nothing moves there is no such thing.
    wrong += sorted(" ".join(key) for key in found.keys() - was.keys() - then.keys() if not moved)
    first, last, many = (each.numbers.get(name, 0) for each in (before, after, restored))
    # Of what is no part of a sample, a little may have moved too.
    slack = moved if every == 1 else (moved + 1) * every
    return Judged(
        before=first,
        after=last,
        restored=many,
        judged=len(still),
        moved=moved,
        wrong=tuple(wrong),
        off=not min(first, last) - slack <= many <= max(first, last) + slack,
    )


def _digest(item: Item) -> bytes:
    text = json.dumps(item, sort_keys=True, default=_text)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _text(value: Any) -> Any:
    """Sets come in any order, and bytes are no JSON."""
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else bytes(value).hex()
