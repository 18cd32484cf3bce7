"""A price file with prices of an offer file in place of its own."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costs.prices.catalogue import prices_of, read_catalogue
from costs.prices.items import Item
from costs.prices.offers import Found, Offer
from costs.prices.price import Price, Tier, UnknownPrice

MOST_TIMES = 10
"""A price that is as many times another one than before is taken for one of another unit."""


@dataclass(frozen=True)
class Renewed:
    """before: None where there was no price."""

    item: Item
    before: tuple[Tier, ...] | None
    after: tuple[Tier, ...]

    @property
    def same(self) -> bool:
        """But for what is lost by writing a price per million."""
        before = self.before or ()
        return len(before) == len(self.after) and all(
            math.isclose(one.usd, other.usd, rel_tol=1e-9) and math.isclose(one.upto, other.upto)
            for one, other in zip(before, self.after, strict=True)
        )


@dataclass(frozen=True)
class Renewal:
    """text: the new content of the region's file. left: items that stay as they were, with why."""

    text: str
    changes: tuple[Renewed, ...]
    left: Mapping[Item, str]


def renewed(folder: Path, offer: Offer) -> Renewal:
    """A file that is not there is begun. What is there of a later day stays, and so does what is out of all
    proportion: in another unit, perhaps.

    Raises: BadPrices, if a file that is there cannot be read.
    """
    file = folder / f"{offer.region}.toml"
    text = file.read_text(encoding="utf-8") if file.exists() else f'region = "{offer.region}"\n'
    content = tomllib.loads(text)
    _, old = prices_of(content)
    sources, prices = dict(content.get("sources", {})), dict(content.get("prices", {}))
    key = f"{offer.code.lower()}-{offer.version}"
    left, changes, known = dict(offer.missing), [], read_catalogue(folder)
    for one in offer.found:
        was = old.get(one.item)
        try:
            why = _why_not(one, offer, was, known.price(one.item, offer.region))
        except UnknownPrice:
            why = ""
        if why:
            left[one.item] = why
            continue
        prices[one.item.value] = _entry(one, key)
        changes.append(Renewed(one.item, was.tiers if was else None, one.tiers))
    if changes:
        sources[key] = {"text": f"{offer.code} offer file {offer.version}", "as_of": offer.published}
    used = {entry["source"] for entry in prices.values()}
    head = "".join(f"{line}\n" for line in text.splitlines() if line.startswith("#"))
    kept = {name: source for name, source in sources.items() if name in used}
    whole = head + "\n".join(_lines(offer.region, kept, prices)) + "\n"
    return Renewal(whole, tuple(changes), left)


def _why_not(found: Found, offer: Offer, was: Price | None, known: Price) -> str:
    """known: the region's own price, or one that stands in for it."""
    if was and was.as_of > offer.published:
        return f"that of {was.as_of} is newer than this file, of {offer.published}"
    after = found.tiers[0].usd
    if not known.usd / MOST_TIMES <= after <= known.usd * MOST_TIMES:
        unit = found.unit or "which it does not name"
        return (
            f"{after:.10g} is out of proportion to the {known.usd:.10g} of {known.region}: look whether its "
            f"unit, {unit}, is another one, and write it by hand"
        )
    return ""


def _entry(found: Found, source: str) -> dict[str, Any]:
    if len(found.tiers) == 1:
        return {"usd": found.tiers[0].usd, "source": source, "usagetype": found.usage}
    return {"tiers": [_tier(tier) for tier in found.tiers], "source": source, "usagetype": found.usage}


def _tier(tier: Tier) -> dict[str, float]:
    return {"usd": tier.usd, **({} if tier.upto == math.inf else {"upto": tier.upto})}


def _lines(region: str, sources: Mapping[str, Any], prices: Mapping[str, Any]) -> Iterator[str]:
    yield f'region = "{region}"'
    yield "\n[sources]"
    for name, source in sources.items():
        yield f"{name} = {_inline(source)}"
    yield "\n[prices]"
    order = {item.value: at for at, item in enumerate(Item)}
    for name, entry in sorted(prices.items(), key=lambda pair: order[pair[0]]):
        yield f"{name} = {_inline(entry)}"


def _inline(value: Any) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in value.items()) + " }"
        case list():
            return "[" + ", ".join(_inline(one) for one in value) + "]"
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case float():
            return f"{value:.12f}".rstrip("0").rstrip(".") if value < 1e6 else f"{value:.0f}"
    return str(value)
