"""A price file with prices of an offer file in place of its own."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costs.prices.catalogue import prices_of
from costs.prices.items import Item
from costs.prices.offers import Found, Offer
from costs.prices.price import Tier


@dataclass(frozen=True)
class Renewed:
    """before: of one unit in US dollars, None where there was no price."""

    item: Item
    before: float | None
    after: float


def renewed(folder: Path, offer: Offer) -> tuple[str, tuple[Renewed, ...]]:
    """The new content of the region's file, and what is other in it. A file that is not there is begun.

    Raises: BadPrices, if the file that is there cannot be read.
    """
    file = folder / f"{offer.region}.toml"
    text = file.read_text(encoding="utf-8") if file.exists() else f'region = "{offer.region}"\n'
    content = tomllib.loads(text)
    _, old = prices_of(content)
    sources, prices = dict(content.get("sources", {})), dict(content.get("prices", {}))
    key = f"{offer.code.lower()}-{offer.version}"
    if offer.found:
        sources[key] = {"text": f"{offer.code} offer file {offer.version}", "as_of": offer.published}
    changes = []
    for one in offer.found:
        prices[one.item.value] = _entry(one, key)
        before = old[one.item].usd if one.item in old else None
        changes.append(Renewed(one.item, before, one.tiers[0].usd))
    used = {entry["source"] for entry in prices.values()}
    head = "".join(f"{line}\n" for line in text.splitlines() if line.startswith("#"))
    kept = {name: source for name, source in sources.items() if name in used}
    return head + "\n".join(_lines(offer.region, kept, prices)) + "\n", tuple(changes)


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
