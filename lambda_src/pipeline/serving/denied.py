"""What is withheld from everybody at the moment, and what a list is without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.serving.campaigns import Scored
from pipeline.withholding.reading import DenyLists, DenyListUnknown

_RESERVE = 100


@dataclass(frozen=True)
class Denied:
    """Of one use case. ids: items; known: whether anybody could say."""

    ids: frozenset[str] = frozenset()
    known: bool = True

    @classmethod
    def now(cls, lists: DenyLists, use_case: str, *, ask: bool = True) -> Denied:
        """ask: False goes by what is remembered."""
        try:
            return cls(lists.of(use_case, ask=ask))
        except DenyListUnknown:
            return cls(known=False)

    @property
    def reserve(self) -> int:
        """How many items more to ask for, in place of those that are denied; 100 at most."""
        return min(len(self.ids), _RESERVE)

    def leaves(self, ids: Iterable[str]) -> bool:
        """Whether any of them may be shown."""
        return any(id_ not in self.ids for id_ in ids)

    def without(self, items: tuple[Scored, ...]) -> tuple[Scored, ...]:
        return tuple([item for item in items if item.id not in self.ids]) if self.ids else items
