"""What of an offer file is a price of ours, in which region, and what cannot be taken from it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.prices.items import Item
from costs.prices.json_stream import JsonStream
from costs.prices.meant import MEANT
from costs.prices.offers import Offer, read_offers
from tests.app.unit.costs.estimates import TODAY
from tests.app.unit.costs.offer_files import DYNAMODB, Product, offer


def read(content: Any) -> tuple[Offer, ...]:
    return read_offers(JsonStream(io.StringIO(json.dumps(content))), TODAY)


def of_product(*changes: tuple[str, Any]) -> Offer:
    """Of a file in which something of the only price is another: its path, and what stands there."""
    content = offer("AmazonDynamoDB", [("S", "EU-WriteRequestUnits", [("0.0000007050", "0", "Inf")])])
    term = content["terms"]["OnDemand"]["S"]["S.JRTCKXETXF"]
    for path, value in changes:
        *parents, last = path.split("/")
        place = term
        for parent in parents:
            place = place[parent]
        place[last] = value
    [found] = read(content)
    return found


def test_what_trains_by_interactions_is_found_by_its_description() -> None:
    content = offer(
        "AmazonPersonalize",
        [("S", "EU-Whatever", [("0.0000020000", "0", "Inf")])],
        words="$0.002 per 1000 interactions used for training",
    )

    [[found]] = [one.found for one in read(content)]
    assert found.item is Item.TRAINING_INTERACTIONS
    assert found.tiers[0].usd == pytest.approx(0.002)


def test_prices_of_personalize_are_found_by_its_usage_types() -> None:
    """As the Price List API had them for Ireland in September 2022; free allowances begin with Global."""
    names = ("BatchInference", "DataIngestion", "TPS-hours", "TrainingHour", "RecommenderHours-Tier1")
    products: list[Product] = [
        (f"{prefix}{name}", f"{prefix}-{name}", [("0.2400000000", "0", "Inf")])
        for prefix in ("EUW1", "Global")
        for name in names
    ]

    [found] = read(offer("AmazonPersonalize", products))
    assert {one.item: one.usage for one in found.found} == {
        Item.BATCH_FIRST: "EUW1-BatchInference",
        Item.INGESTED_GB: "EUW1-DataIngestion",
        Item.TPS_HOUR: "EUW1-TPS-hours",
        Item.TRAINING_HOUR: "EUW1-TrainingHour",
    }


def test_a_file_of_before_codes_of_regions_is_read_by_their_names() -> None:
    content = offer("AmazonDynamoDB", DYNAMODB[:1])
    for product in content["products"].values():
        del product["attributes"]["regionCode"]
        product["attributes"]["location"] = "EU (Ireland)"

    [found] = read(content)
    assert (found.region, found.found[0].usage) == ("eu-west-1", "EU-WriteRequestUnits")


def test_several_products_that_cost_the_same_are_one() -> None:
    same = ("AAAAAAAAAAAAAAA5", "EUW1-WriteRequestUnits", [("0.0000007050", "0", "Inf")])

    [found] = read(offer("AmazonDynamoDB", [DYNAMODB[0], same]))
    assert found.found[0].tiers[0].usd == pytest.approx(0.705e-6)


RATE = "priceDimensions/S.0"
UNFIT: dict[str, tuple[tuple[str, Any], str]] = {
    "another currency": ((f"{RATE}/pricePerUnit", {"CNY": "4.9"}), "in CNY, not in US dollars"),
    "no number": ((f"{RATE}/pricePerUnit", {"USD": "NaN"}), "its price is NaN"),
    "the future": (("effectiveDate", "2027-01-01T00:00:00Z"), "in force only from 2027-01-01 on"),
    "no beginning": ((f"{RATE}/beginRange", "100"), "leave out or repeat what is between 0 and 100"),
    "no end": ((f"{RATE}/endRange", "100"), "its tiers end at 100"),
}


@pytest.mark.parametrize(("change", "why"), UNFIT.values(), ids=UNFIT)
def test_a_price_that_cannot_be_one_of_today_is_not_taken(change: tuple[str, Any], why: str) -> None:
    found = of_product(change)

    assert found.found == ()
    assert why in found.missing[Item.WRITE_UNIT]


def test_of_several_terms_the_newest_that_is_in_force_is_taken() -> None:
    content = offer("AmazonDynamoDB", DYNAMODB[:1])
    [terms] = content["terms"]["OnDemand"].values()
    [now] = terms.values()
    for number, (day, usd) in enumerate((("2024-11-01", "1"), ("2026-12-01", "2"), ("2020-01-01", "3"))):
        rate = {"beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": usd}}
        terms[f"other {number}"] = {"effectiveDate": f"{day}T00:00:00Z", "priceDimensions": {"rate": rate}}
    now["effectiveDate"] = "2023-01-01T00:00:00Z"

    [found] = read(content)
    assert found.found[0].tiers[0].usd == 1


def test_tiers_that_are_written_in_any_order_rise() -> None:
    """As AmazonS3 of January 2016 has them, and awskms: 20,001 after 20,000."""
    tiers = [("0.0275", "5120001", "Inf"), ("0.0300", "0", "1024"), ("0.0295", "1024", "5120000")]

    [found] = read(offer("AmazonS3", [("S", "EU-TimedStorage-ByteHrs", tiers)]))
    assert [(tier.usd, tier.upto) for tier in found.found[0].tiers] == [
        (0.03, 1024),
        (0.0295, 5_120_000),
        (0.0275, float("inf")),
    ]


@given(
    prefix=st.sampled_from(["EU-IA-", "USE2-", "EU-Lambda-Edge-", "X"]), item=st.sampled_from(sorted(MEANT))
)
def test_a_usage_type_of_something_else_is_never_taken(prefix: str, item: Item) -> None:
    meant = MEANT[item]
    usage = meant.usage[0] if meant.usage else "Anything"
    products: list[Product] = [("S", f"{prefix}{usage}", [("1.0", "0", "Inf")])]

    [found] = read(offer(meant.offer, products))
    assert found.found == ()
