"""A price: tiers, where it comes from, and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from costs.prices.items import Item

OLD_AFTER_DAYS = 365


class Grade(StrEnum):
    """How sure a price is. There is no third one here: a price that nobody knows is `UnknownPrice`."""

    PUBLISHED = "published"
    """Stands so for this region in AWS's price list of a date, as the source says."""
    ASSUMED = "assumed"
    """That of another region, or second hand."""


class UnknownPrice(Exception):
    """Nobody knows what an item costs in a region; never taken for nothing."""

    def __init__(self, item: Item, region: str) -> None:
        super().__init__(
            f"nothing is known of what a {item.unit} ({item}) costs in {region}, not from another region "
            f"either: add it to costs/prices/data with its source, or read AWS's file with `costs refresh`"
        )
        self.item = item
        self.region = region


@dataclass(frozen=True)
class Tier:
    """usd: of one unit. upto: of the units of a month; infinite for the last tier."""

    usd: float
    upto: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Price:
    """region: whose price it is. tiers: by units of a month, of an account in a region, rising. source: what
    the figure was read from. as_of: when it was valid. why: what is not sure about it, of assumed ones.
    """

    item: Item
    region: str
    tiers: tuple[Tier, ...]
    grade: Grade
    source: str
    as_of: date
    why: str = ""

    @property
    def usd(self) -> float:
        """Of one unit, in the first tier."""
        return self.tiers[0].usd

    def of(self, quantity: float) -> float:
        """US dollars of so many units in a month, through the tiers.

        Raises: ValueError, if there are fewer than none.
        """
        if quantity < 0:
            raise ValueError(f"{self.item}: a quantity of {quantity:g} has no price")
        usd, begin = 0.0, 0.0
        for tier in self.tiers:
            within = min(quantity, tier.upto) - begin
            if within <= 0:
                break
            usd += within * tier.usd
            begin = tier.upto
        return usd

    def is_old(self, today: date) -> bool:
        return (today - self.as_of).days > OLD_AFTER_DAYS

    def doubt(self, today: date) -> str:
        """Why it may be another one today; empty, if it was published for the region within a year."""
        parts = [f"assumed: {self.why}"] if self.grade is Grade.ASSUMED else []
        parts += ["older than 12 months"] if self.is_old(today) else []
        return f"{'; '.join(parts)}; {self.source}, {self.as_of.isoformat()}" if parts else ""

    @property
    def words(self) -> str:
        """Where it comes from, and what is assumed of it."""
        assumed = f"assumed: {self.why}; " if self.why else ""
        return f"{assumed}{self.source}, {self.as_of.isoformat()}"
