"""What training needs of a function's memory: estimates, above what `benchmarks/own/training.py` measured.

The largest part is what the members of a hybrid learn side by side, each event several times among it; a
dense model of items by items comes with the square of the items, up to as many as the engine makes one for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.own.refusals import MemoryTooSmall

BASE_MB = 260
BYTES_PER_INTERACTION = 150
BYTES_PER_PERSON_OR_ITEM = 2_600
BYTES_PER_PAIR_OF_ITEMS = 30
NEXT_ITEM_FEATURES = 5_000
BYTES_PER_FEATURE_PAIR = 16
"""Of the regression of the next item (engine/models/next_item.py): features by features, and by items."""
REGRESSED_ITEMS, POPULAR_ITEMS, POPULAR_FEATURES = 8_000, 1_500, 2_500
"""With more items than the first, it is a regression of so many with so many features."""
BYTES_PER_FOLLOWED = 100
"""And each event is counted with those before it: an estimate."""
AGAIN_PER_INTERACTION = 80
AGAIN_PER_PERSON_OR_ITEM = 800
"""Bytes of a second training of a part of the same events, beside the first."""
DENSE_ITEMS = 20_000
"""Above it the engine makes no model of items by items (engine/data/training_data.py)."""
HEURISTIC_BYTES_PER_INTERACTION = 30
HEURISTIC_BYTES_PER_PERSON_OR_ITEM = 900
BYTES_PER_ITEM = {"popularity": 0, "demographic": 16_000}
"""Of the algorithms that set no item beside another, and learn each event once: what the people of each of up
to 1,000 attribute values touch, twice while it is made (engine/models/demographic.py). With a thousand values
a fifth to a third above what `demographic` was measured to need.
"""
MOST_MB = 10_240
"""That a function can have."""
_MB = 1 << 20


@dataclass(frozen=True)
class Sizes:
    """Of a training: rows of interactions, and how many users and items there are in all datasets."""

    interactions: int
    users: int
    items: int

    @classmethod
    def of(cls, datasets: Sequence[Mapping[str, Any]]) -> Sizes:
        """datasets: as extract_dataset answers them."""
        by_name = {dataset["dataset"]: dataset for dataset in datasets}
        events = by_name["interactions"]
        rows = {name: int(by_name[name]["rows"]) if name in by_name else 0 for name in ("users", "items")}
        return cls(
            int(events["rows"]),
            max(int(events.get("users") or 0), rows["users"]),
            max(int(events.get("items") or 0), rows["items"]),
        )

    def needed_mb(self, algorithm: str = "hybrid") -> int:
        everybody = self.users + self.items
        if algorithm in BYTES_PER_ITEM:
            needed = (
                self.interactions * HEURISTIC_BYTES_PER_INTERACTION
                + everybody * HEURISTIC_BYTES_PER_PERSON_OR_ITEM
                + self.items * BYTES_PER_ITEM[algorithm]
            )
            return BASE_MB + needed // _MB
        dense = self.items if self.items <= DENSE_ITEMS else 0
        needed = (
            self.interactions * BYTES_PER_INTERACTION
            + everybody * BYTES_PER_PERSON_OR_ITEM
            + self.items * dense * BYTES_PER_PAIR_OF_ITEMS
            + self._next_item_bytes()
        )
        return BASE_MB + needed // _MB

    def _next_item_bytes(self) -> int:
        if self.items > REGRESSED_ITEMS:
            regression = POPULAR_FEATURES * (POPULAR_FEATURES + POPULAR_ITEMS) * BYTES_PER_FEATURE_PAIR
            return regression + self.interactions * BYTES_PER_FOLLOWED
        features = min(2 * self.items, NEXT_ITEM_FEATURES)
        return features * (features + self.items) * BYTES_PER_FEATURE_PAIR

    def side_by_side_mb(self, algorithm: str = "hybrid") -> int:
        """Of two trainings at the same time, on the same data."""
        dense = self.items if self.items <= DENSE_ITEMS else 0
        learned = self.items * BYTES_PER_ITEM.get(algorithm, dense * BYTES_PER_PAIR_OF_ITEMS)
        again = (
            self.interactions * AGAIN_PER_INTERACTION
            + (self.users + self.items) * AGAIN_PER_PERSON_OR_ITEM
            + learned
            + (0 if algorithm in BYTES_PER_ITEM else self._next_item_bytes())
        )
        return self.needed_mb(algorithm) + again // _MB


def check(sizes: Sizes, memory_mb: int, *, algorithm: str, variant: str) -> None:
    """Raises: MemoryTooSmall, with the remedy, before hours of a larger function are spent on finding out."""
    needed = sizes.needed_mb(algorithm)
    if needed <= memory_mb:
        return
    what = f"{sizes.interactions:,} interactions of {sizes.users:,} users and {sizes.items:,} items"
    found = f"{what} need about {needed:,} MB, and the function has {memory_mb:,}"
    if needed <= MOST_MB:
        raise MemoryTooSmall(f"{found}: raise memory_mb of the use case's variant {variant} to {needed:,}")
    raise MemoryTooSmall(
        f"{found}; no function has more than {MOST_MB:,}: let the query of the interactions answer with "
        "fewer, such as those of the last months"
    )
