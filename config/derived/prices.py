"""Prices of Amazon Personalize's trainings as they were published, with source and date; nobody has seen them
on a bill yet. A price that is not here is unknown, and no reader takes it for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Item(StrEnum):
    """What is paid for."""

    TRAINING_HOUR = "training hour"
    """Of recipes of the first generation."""
    TRAINING_INTERACTIONS = "1,000 interactions trained on"
    """Of recipes of the second one, whose names end in -v2."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """usd: per item. read: when the source was. regions: that the source speaks of."""

    item: Item
    usd: float
    regions: tuple[str, ...]
    source: str
    read: date

    def words(self, region: str) -> str:
        """Where it comes from, and that it is of another region, if it is."""
        of = "" if region in self.regions else f", which is that of {' and '.join(self.regions)}"
        return f"by the list price of {self.read.isoformat()}{of} ({self.source})"


_CATALOGUE = "AWS's catalogue, as a public statement of work of 9 August 2026 has it"
_READ = date(2026, 11, 29)
_PRICES = (
    Price(item=Item.TRAINING_HOUR, usd=0.24, regions=("ap-southeast-1",), source=_CATALOGUE, read=_READ),
    Price(
        item=Item.TRAINING_INTERACTIONS,
        usd=0.002,
        regions=("ap-southeast-1",),
        source=_CATALOGUE,
        read=_READ,
    ),
)
PRICES: Mapping[Item, Price] = {price.item: price for price in _PRICES}


def paid_by(recipe: str) -> Item:
    """What a training with this recipe is paid by."""
    return Item.TRAINING_INTERACTIONS if recipe.endswith("-v2") else Item.TRAINING_HOUR
