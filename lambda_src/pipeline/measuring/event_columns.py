"""Events as columns: people and lists as hashes, everything else as it is counted by."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import compress
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from pipeline.tracking.event import IMPRESSION
from pipeline.tracking.lines import TOO_LARGE, Lines, by_pattern, one_by_one

NO_LIST = 0
_HASH_BYTES = 8
_IMPRESSION = IMPRESSION.encode()
Key = TypeVar("Key", bound=Hashable)


class Codes(dict[Key, int]):
    """Numbers from 0, in the order in which they are first asked for."""

    def __missing__(self, key: Key) -> int:
        return self.setdefault(key, len(self))

    def of(self, keys: Iterable[Key]) -> NDArray[np.uint64]:
        return np.fromiter(map(self.__getitem__, keys), np.uint64)


@dataclass(frozen=True, eq=False)
class Columns:
    """An event each. kinds: (type, source). lists: hashes of the list in which an item was shown; NO_LIST."""

    people: NDArray[np.uint64]
    arms: Sequence[bytes]
    versions: NDArray[np.uint64]
    moments: NDArray[np.uint64]
    kinds: Sequence[tuple[bytes, bytes]]
    lists: NDArray[np.uint64]
    unreadable: int


def columns(text: bytes) -> Columns:
    """text: of lines, each ended. Those that are no events are counted and left out."""
    plain = by_pattern(text)
    if plain is not None:
        made = _columns(plain)
        if max(made.moments.max(initial=0), made.versions.max(initial=0)) < TOO_LARGE:
            return made
    return _columns(one_by_one(text))


def _columns(lines: Lines) -> Columns:
    if not lines.found:
        nothing = np.zeros(0, np.uint64)
        return Columns(nothing, (), nothing, nothing, (), nothing, lines.unreadable)
    types, _, moments, sources, users, sessions, shown_in, arms, versions = zip(*lines.found, strict=True)
    people = [
        b"user\0" + user if user else b"session\0" + session
        for user, session in zip(users, sessions, strict=True)
    ]
    size = len(people)
    shown = [bool(id_) and kind == _IMPRESSION for kind, id_ in zip(types, shown_in, strict=True)]
    lists = np.full(size, NO_LIST, np.uint64)
    lists[np.array(shown)] = hashes(compress(shown_in, shown))
    return Columns(
        hashes(people),
        arms,
        np.fromiter((int(version or 0) for version in versions), np.uint64, size),
        np.fromiter(map(int, moments), np.uint64, size),
        list(zip(types, sources, strict=True)),
        lists,
        lines.unreadable,
    )


def hashes(names: Iterable[bytes]) -> NDArray[np.uint64]:
    digests = [blake2b(name, digest_size=_HASH_BYTES).digest() for name in names]
    return np.frombuffer(b"".join(digests), "<u8")
