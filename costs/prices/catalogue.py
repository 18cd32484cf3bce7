"""All prices: those of a region from its file, and what may stand in for one that is not there."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from costs.prices.items import Item
from costs.prices.price import Grade, Price, Tier, UnknownPrice

DATA = Path(__file__).with_name("data")
GLOBAL = "global"
STAND_INS = ("us-east-1", "ap-southeast-1")
"""Regions whose price is assumed where a region's own is not known, in this order."""


class BadPrices(Exception):
    """A price file says what it must not; all that is wrong with it."""


@dataclass(frozen=True)
class Catalogue:
    """by_region: prices by item, by region; those of services without regions under `global`."""

    by_region: Mapping[str, Mapping[Item, Price]]

    def price(self, item: Item, region: str) -> Price:
        """Raises: UnknownPrice, if neither the region nor one that may stand in for it has one."""
        own = self.by_region.get(GLOBAL if item.everywhere else region, {}).get(item)
        if own:
            return own
        for other in STAND_INS:
            found = self.by_region.get(other, {}).get(item)
            if found:
                why = f"the price of {other}, that of {region} is not known"
                if found.grade is Grade.ASSUMED:
                    why = f"{why}; {found.why}"
                return replace(found, grade=Grade.ASSUMED, why=why)
        raise UnknownPrice(item, region)

    def with_prices(self, prices: Iterable[Price]) -> Catalogue:
        """The same with these in place of what is there, for what-ifs."""
        changed = {region: dict(found) for region, found in self.by_region.items()}
        for price in prices:
            changed.setdefault(price.region, {})[price.item] = price
        return Catalogue(changed)


@cache
def catalogue(folder: Path = DATA) -> Catalogue:
    """Of the files that come with the repository, read once. Raises: BadPrices, with all that is wrong."""
    return read_catalogue(folder)


def read_catalogue(folder: Path) -> Catalogue:
    """Of the files as they are now. Raises: BadPrices, with all that is wrong."""
    wrong: list[str] = []
    found = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            region, prices = prices_of(tomllib.loads(file.read_text(encoding="utf-8")))
        except (BadPrices, tomllib.TOMLDecodeError) as error:
            wrong.append(f"{file.name}: {error}")
            continue
        found[region] = prices
    if wrong:
        raise BadPrices("\n".join(wrong))
    return Catalogue(found)


def prices_of(content: Mapping[str, Any]) -> tuple[str, dict[Item, Price]]:
    """Region and prices of a file's content. Raises: BadPrices, with all that is wrong."""
    region, sources = str(content.get("region", "")), content.get("sources", {})
    wrong = [] if region else ["region: is missing"]
    prices = {}
    for key, entry in content.get("prices", {}).items():
        try:
            prices[Item(key)] = _price(Item(key), region, entry, sources)
        except (KeyError, ValueError, TypeError) as error:
            wrong.append(f"prices.{key}: {error.__class__.__name__}: {error}")
    if wrong:
        raise BadPrices("; ".join(wrong))
    return region, prices


def _price(item: Item, region: str, entry: Mapping[str, Any], sources: Mapping[str, Any]) -> Price:
    source = sources[entry["source"]]
    grade = Grade(entry.get("grade", Grade.PUBLISHED))
    why = str(entry.get("why", ""))
    if (grade is Grade.ASSUMED) != bool(why):
        raise ValueError("an assumed price says why it is one, and a published one is not assumed")
    if not isinstance(source["as_of"], date):
        raise ValueError("as_of must be a date")
    per = float(entry.get("per", 1))
    given = entry.get("tiers", [{"usd": entry["usd"]}] if "usd" in entry else [])
    tiers = tuple(Tier(float(tier["usd"]) / per, float(tier.get("upto", math.inf))) for tier in given)
    bounds = [0.0, *(tier.upto for tier in tiers)]
    if not tiers or bounds != sorted(set(bounds)) or bounds[-1] != math.inf:
        raise ValueError("tiers must rise, the last one without upto")
    if any(not 0 <= tier.usd < math.inf for tier in tiers):
        raise ValueError("usd must be a number of at least 0")
    identity = f", {entry['usagetype']}" if "usagetype" in entry else ""
    return Price(
        item=item,
        region=region,
        tiers=tiers,
        grade=grade,
        source=f"{source['text']}{identity}",
        as_of=source["as_of"],
        why=why,
    )
