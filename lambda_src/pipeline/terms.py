"""In whose name something is written that only the active region of a stage may write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Rank = tuple[int, str]


@dataclass(frozen=True)
class Term:
    """Of an epoch, and of the region that is active in it."""

    epoch: int = 0
    region: str | None = None

    @property
    def rank(self) -> Rank:
        """The higher one goes before. Two regions can begin one epoch only if neither knows of the other."""
        return (self.epoch, self.region or "") if self.epoch else (0, "")


def rank_of(item: Mapping[str, Any]) -> Rank:
    """Of what is stored."""
    return Term(int(item.get("epoch", {}).get("N", "0")), item.get("region", {}).get("S")).rank
