"""What tires people: items that they were shown on several days, and did nothing with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.lists.caps import Cap

ACTED = "acted"


@dataclass(frozen=True, kw_only=True)
class Fatigue:
    """An item is tiring for a person who was shown it on `shown_days` or more of the last `days`, up to the
    run's own, and did nothing with it. Of the first `among` of a list `most` are, unless nothing else was
    recommended.
    """

    shown_days: int
    days: int
    most: int
    among: int

    @property
    def cap(self) -> Cap:
        """Of the column without a name: whether an item is tiring."""
        return Cap(column="", most=self.most, among=self.among)


def tiring(notes: Iterable[tuple[str, str]], shown_days: int) -> list[str]:
    """The tiring items of one person, in the order in which they are first met.

    notes: item, and a day on which it was shown, or that something was done with it.
    """
    found: dict[str, set[str]] = {}
    for item, note in notes:
        found.setdefault(item, set()).add(note)
    return [item for item, of in found.items() if ACTED not in of and len(of) >= shown_days]
