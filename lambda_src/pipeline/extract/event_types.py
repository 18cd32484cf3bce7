"""Event types in the data beside those of the configuration: unknown ones, and some that never occur."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from pipeline.extract.blocks import Block
from pipeline.extract.words import Mask, hashes

REFUSE, WARN = "refuse", "warn"
OTHERS = "other unknown event types"
MOST_TOLD = 50
_MOST_NAMES = 1000
"""That are told apart: more are no event types."""
_MOST_RULES = 20
_ALIKE = 0.6


@dataclass(frozen=True, kw_only=True)
class EventRules:
    """What the configuration says of event types.

    known: all that it names, in its spelling. needed: those that must occur, each with the fields that count
    on it. unknown, missing: refuse or warn. What differs from a known one by nothing but case or blanks is
    always refused: filters of Amazon Personalize take no notice of case, and all else does.
    """

    known: tuple[str, ...]
    needed: Mapping[str, str] = field(default_factory=dict)
    unknown: str = REFUSE
    missing: str = REFUSE

    def refuses(self, name: str) -> bool:
        if name in self.known:
            return False
        return self.unknown == REFUSE or _bare(name) in map(_bare, self.known)

    def remedy_of(self, name: str) -> str:
        """Of an unknown one: the nearest known name, and all of them."""
        near = nearest(name, self.known)
        guess = f"did you mean {near!r}? " if near else ""
        return (
            f"{guess}the use case names {_listed(self.known)}; write it like that in the query, leave such "
            "rows out, or add it to event_types"
        )


class EventCounts:
    """Rows by event type, among any number of rows."""

    def __init__(self, rules: EventRules | None) -> None:
        self._rules = rules
        self._names: dict[int, str] = {}
        self.counts: Counter[str] = Counter()

    def add(self, block: Block, column: int, present: Mask) -> Iterator[tuple[str, Mask]]:
        """Counts a block; answers the refused types in it, each with its rows."""
        rows = np.flatnonzero(present)
        starts, ends = block.starts[column][rows], block.ends[column][rows]
        found, first, which, counts = np.unique(
            hashes(block.words, starts, ends - starts),
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        names = [self._name(block, column, int(h), int(rows[at])) for h, at in zip(found, first, strict=True)]
        for name, count in zip(names, counts, strict=True):
            self.counts[name] += int(count)
        if self._rules is None:
            return
        for number, name in enumerate(names):
            if self._rules.refuses(name):
                mask = np.zeros(block.rows, dtype=bool)
                mask[rows[which == number]] = True
                yield name, mask

    def told(self) -> dict[str, int]:
        """The most frequent ones, first those of the configuration."""
        known = self._rules.known if self._rules else ()
        order = sorted(self.counts.items(), key=lambda one: (one[0] not in known, -one[1], one[0]))
        return dict(order[:MOST_TOLD])

    def missing(self) -> list[str]:
        """Sentences on types that something counts on, and that no row has."""
        if self._rules is None or not self.counts:
            return []
        return [
            self._missing(name, users) for name, users in self._rules.needed.items() if not self.counts[name]
        ]

    def unknown(self) -> list[str]:
        """Sentences on types that are not refused, and that the configuration does not name."""
        if self._rules is None:
            return []
        return [
            f"unknown event type {name!r}: {count:,} rows: {self._rules.remedy_of(name)}"
            for name, count in self.told().items()
            if name not in self._rules.known and not self._rules.refuses(name)
        ]

    def _missing(self, name: str, users: str) -> str:
        known = self._rules.known if self._rules else ()
        near = nearest(name, tuple(each for each in self.counts if each not in known))
        guess = f"did you mean {near!r}? " if near else ""
        told = ", ".join(f"{other!r} ({count:,})" for other, count in list(self.told().items())[:10])
        return (
            f"event type {name!r}, named by {users}, never occurs: {guess}the data has {told}; name it as "
            f"the data does, add its rows to the query, or take it out of {users}"
        )

    def _name(self, block: Block, column: int, hashed: int, row: int) -> str:
        name = self._names.get(hashed)
        if name is None:
            if len(self._names) >= _MOST_NAMES:
                return OTHERS
            name = self._names[hashed] = block.value(column, row)
        return name


def rule_of(name: str, so_far: int) -> str:
    """The rule that rows of a refused type break. so_far: how many such rules there are."""
    return OTHERS if name == OTHERS or so_far >= _MOST_RULES else f"unknown event type {name!r}"


def nearest(name: str, names: tuple[str, ...]) -> str | None:
    """The one that is most alike, if one is, whatever its case."""
    by_bare = {_bare(each): each for each in names}
    found = difflib.get_close_matches(_bare(name), by_bare, cutoff=_ALIKE)
    return by_bare[found[0]] if found else None


def _bare(name: str) -> str:
    return name.strip().casefold()


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names)) or "none"
