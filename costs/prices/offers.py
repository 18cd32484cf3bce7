"""AWS's public price lists: an offer file of a service, and what of it is an item of ours, by region.

The format is that of "Reading the service price list file for an AWS service" in the AWS Billing user guide:
`products` by SKU with `attributes`, and `terms.OnDemand` by SKU with `priceDimensions`, each a tier, which
begins at `beginRange` and ends at `endRange` (the guide calls them otherwise than the files do).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from costs.prices.items import Item
from costs.prices.json_stream import BrokenJson, JsonStream
from costs.prices.meant import LOCATIONS, MEANT, PREFIXES, Meant
from costs.prices.price import Tier


class BadOffer(Exception):
    """A file is no offer file, or not one of a region that is known here."""


class _Unfit(ValueError):
    """Why a product's price cannot be taken."""


@dataclass(frozen=True)
class Found:
    """usage: its usage type in the file. unit: the file's own word for what is counted."""

    item: Item
    tiers: tuple[Tier, ...]
    usage: str
    unit: str = ""


@dataclass(frozen=True)
class Offer:
    """missing: items of this service that are not taken from it, with why."""

    code: str
    version: str
    published: date
    region: str
    found: tuple[Found, ...]
    missing: Mapping[Item, str]


@dataclass(frozen=True)
class _Product:
    region: str
    usage: str


@dataclass
class _Content:
    """What is kept of a file: products that may be items of ours, and their terms."""

    head: dict[str, str] = field(default_factory=dict)
    products: dict[str, _Product] = field(default_factory=dict)
    terms: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    regions: Counter[str] = field(default_factory=Counter)
    products_read: int = 0


def read_offers(stream: JsonStream, today: date) -> tuple[Offer, ...]:
    """One for each region in the file that is known here; none, if nothing of its service is looked for.
    today: prices of later days are not taken.

    Raises: BadOffer, if it is no offer file, is not whole, or is of no region that is known here.
    """
    try:
        content = _content(stream)
        if not _wanted(content):
            return ()
        regions = [region for region in PREFIXES if content.regions[region]]
        if not regions:
            raise BadOffer(_no_region(content.regions))
        return tuple(_offer(content, region, today) for region in regions)
    except BrokenJson as error:
        raise BadOffer(f"cannot be read: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadOffer(
            f"not an offer file of AWS's price list: {error.__class__.__name__}: {error}"
        ) from error


def _content(stream: JsonStream) -> _Content:
    found = _Content()
    for key in stream.members():
        if key in ("offerCode", "version", "publicationDate"):
            found.head[key] = str(stream.value())
        elif key == "products":
            _read_products(stream, found)
        elif key == "terms":
            for kind in stream.members():
                if kind == "OnDemand":
                    _read_terms(stream, found)
        elif key in ("offers", "regions", "versions"):
            raise BadOffer("an index of offer files, not one of them: get the file that it names")
    stream.end()
    missing = [name for name in ("offerCode", "version", "publicationDate") if name not in found.head]
    if missing or not found.products_read:
        raise ValueError(f"without {', '.join(missing) or 'products'}")
    return found


def _wanted(found: _Content) -> list[Meant]:
    return [meant for meant in MEANT.values() if meant.offer == found.head["offerCode"]]


def _read_products(stream: JsonStream, found: _Content) -> None:
    if "offerCode" not in found.head:
        raise ValueError("its products stand before its offerCode, which no file of AWS does")
    wanted = _wanted(found)
    for sku in stream.members():
        attributes = stream.value()["attributes"]
        location = str(attributes.get("location", ""))
        region = str(attributes.get("regionCode") or LOCATIONS.get(location, location))
        found.products_read += 1
        found.regions[region] += 1
        product = _Product(region, str(attributes.get("usagetype", "")))
        if region in PREFIXES and any(meant.words or _fits(meant, product) for meant in wanted):
            found.products[sku] = product


def _read_terms(stream: JsonStream, found: _Content) -> None:
    if not found.products_read:
        raise ValueError("its terms stand before its products, which no file of AWS does")
    for sku in stream.members():
        terms = stream.value()
        if sku in found.products:
            found.terms[sku] = list(terms.values())


def _no_region(regions: Collection[str]) -> str:
    names = sorted(region for region in regions if region)
    some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"it is of {some or 'no region'}, and only these regions are known: {', '.join(PREFIXES)}"


def _offer(content: _Content, region: str, today: date) -> Offer:
    code, found, missing = content.head["offerCode"], [], {}
    for item, meant in MEANT.items():
        if meant.offer == code:
            try:
                found.append(_found(item, meant, content, region, today))
            except _Unfit as why:
                missing[item] = str(why)
    published = date.fromisoformat(content.head["publicationDate"][:10])
    return Offer(code, content.head["version"], published, region, tuple(found), missing)


def _found(item: Item, meant: Meant, content: _Content, region: str, today: date) -> Found:
    """Of one product, or of several that cost the same. Raises: _Unfit."""
    rates, usages = [], []
    for sku, product in content.products.items():
        terms = content.terms.get(sku, [])
        if product.region == region and terms and (_fits(meant, product) or _says(meant, terms)):
            rates.append(_in_force(terms, today))
            usages.append(product.usage)
    if not rates:
        raise _Unfit("no product fits")
    prices = {_tiers(one, meant.times) for one in rates}
    if len(prices) > 1:
        raise _Unfit(f"{len(rates)} products fit, at different prices: {', '.join(sorted(usages))}")
    return Found(item, prices.pop(), min(usages), str(rates[0][0].get("unit", "")))


def _fits(meant: Meant, product: _Product) -> bool:
    prefixes = (*PREFIXES[product.region], f"{product.region}-") if product.region in PREFIXES else ()
    return product.usage in {f"{prefix}{usage}" for prefix in prefixes for usage in meant.usage}


def _says(meant: Meant, terms: Sequence[Mapping[str, Any]]) -> bool:
    rates = [rate for term in terms for rate in term["priceDimensions"].values()]
    said = " ".join(str(rate.get("description", "")) for rate in rates)
    return bool(meant.words and re.search(meant.words, said, re.IGNORECASE))


def _in_force(terms: Sequence[Mapping[str, Any]], today: date) -> list[Mapping[str, Any]]:
    """The rates of the newest terms that are not of the future. Raises: _Unfit."""
    since = {number: _day(term) for number, term in enumerate(terms)}
    begun = [day for day in since.values() if day <= today]
    if not begun:
        raise _Unfit(f"in force only from {min(since.values(), default=today)} on")
    newest = [terms[number] for number, day in since.items() if day == max(begun)]
    if len(newest) > 1:
        raise _Unfit(f"{len(newest)} prices are in force since {max(begun)}")
    return list(newest[0]["priceDimensions"].values())


def _day(term: Mapping[str, Any]) -> date:
    return date.fromisoformat(str(term["effectiveDate"])[:10]) if "effectiveDate" in term else date.min


def _tiers(rates: Sequence[Mapping[str, Any]], times: float) -> tuple[Tier, ...]:
    """Rising, and without a free beginning, which is an allowance of the account. Raises: _Unfit."""
    ordered = sorted(rates, key=lambda rate: float(rate.get("beginRange", 0)))
    tiers, end = [], 0.0
    for rate in ordered:
        begin = float(rate.get("beginRange", 0))
        # 20,001 follows on 20,000.
        if not 0 <= begin - end <= 1:
            raise _Unfit(f"its tiers leave out or repeat what is between {end:g} and {begin:g}")
        end = _end(rate.get("endRange", "Inf"))
        tiers.append(Tier(_usd(rate) * times, end / times))
    if end != math.inf:
        raise _Unfit(f"its tiers end at {end:g}")
    while len(tiers) > 1 and tiers[0].usd == 0:
        tiers = tiers[1:]
    return tuple(tiers)


def _usd(rate: Mapping[str, Any]) -> float:
    prices = rate["pricePerUnit"]
    if "USD" not in prices:
        raise _Unfit(f"in {', '.join(sorted(prices)) or 'no currency'}, not in US dollars")
    usd = float(prices["USD"])
    if not 0 <= usd < math.inf:
        raise _Unfit(f"its price is {prices['USD']}")
    return usd


def _end(text: str) -> float:
    return math.inf if str(text) == "Inf" else float(text)
