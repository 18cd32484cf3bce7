"""Prices anew from AWS's offer files: what is found is written, what is not stays, and both are said.

No whole file of AWS was to be had: the products are those that public copies quote, with SKU, usage type
and ranges, in the documented form.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.command import main
from costs.prices.catalogue import DATA, catalogue, prices_of
from costs.prices.items import Item
from costs.prices.offers import MEANT, PREFIXES, Offer, read_offer
from costs.prices.rewriting import renewed
from tests.app.unit.costs.estimates import TODAY

# SKU, usage type, tiers of (USD, from, to).
Product = tuple[str, str, list[tuple[str, str, str]]]
STORED = [("0.0000000000", "0", "25"), ("0.2830000000", "25", "Inf")]
ASKED = [("0.0000011100", "0", "300000000"), ("0.0000010000", "300000000", "Inf")]
DYNAMODB: list[Product] = [
    ("F4EZE5SAMS3D49NJ", "EU-WriteRequestUnits", [("0.0000007050", "0", "Inf")]),
    ("3ERQSZWPAMX2JWHN", "EU-ReadRequestUnits", [("0.0000001415", "0", "Inf")]),
    (
        "E6MS5SS3AMMHBJC6",
        "EU-TimedStorage-ByteHrs",
        [("0.0000000000", "0", "25"), ("0.2830000000", "25", "Inf")],
    ),
    ("W73KZTNZ7UBXFD8S", "EU-TimedPITRStorage-ByteHrs", [("0.2200000000", "0", "Inf")]),
    # Neighbours that end alike: another table class, copies of writes.
    ("AAAAAAAAAAAAAAA1", "EU-IA-WriteRequestUnits", [("0.0000008800", "0", "Inf")]),
    ("AAAAAAAAAAAAAAA2", "EU-IA-TimedStorage-ByteHrs", [("0.1131000000", "0", "Inf")]),
    ("AAAAAAAAAAAAAAA3", "EU-ReplWriteRequestUnits", [("0.0000007050", "0", "Inf")]),
]
API: list[Product] = [("WPZ6JK7P27W4K4QK", "EU-ApiGatewayHttpRequest", ASKED)]


def offer(code: str, products: list[Product], region: str = "eu-west-1", words: str = "") -> dict[str, Any]:
    """In the form of "Getting price list files"; whoever reads one finds more members, and more products."""
    return {
        "formatVersion": "v1.0",
        "offerCode": code,
        "version": "20260911124422",
        "publicationDate": "2026-09-11T12:44:22Z",
        "products": {
            sku: {"sku": sku, "attributes": {"usagetype": usage, "regionCode": region, "servicecode": code}}
            for sku, usage, _ in products
        },
        "terms": {
            "OnDemand": {
                sku: {
                    f"{sku}.JRTCKXETXF": {
                        "sku": sku,
                        "priceDimensions": {
                            f"{sku}.{number}": {
                                "unit": "unit",
                                "description": words,
                                "beginRange": begin,
                                "endRange": end,
                                "pricePerUnit": {"USD": usd},
                            }
                            for number, (usd, begin, end) in enumerate(tiers)
                        },
                    }
                }
                for sku, _, tiers in products
            }
        },
    }


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the repository's price files."""
    folder = tmp_path / "data"
    folder.mkdir()
    for file in DATA.glob("*.toml"):
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def refreshed(data: Path, *contents: Any) -> int:
    files = []
    for number, content in enumerate(contents):
        file = data.parent / f"offer-{number}.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        files.append(str(file))
    return main(["refresh", *files, "--data", str(data)], TODAY)


def test_what_is_found_takes_the_place_of_what_was_there(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refreshed(data, offer("AmazonDynamoDB", DYNAMODB), offer("AmazonApiGateway", API)) == 0

    now = catalogue(data)
    assert now.price(Item.WRITE_UNIT, "eu-west-1").usd == pytest.approx(0.705e-6)
    assert now.price(Item.REPLICATED_WRITE_UNIT, "eu-west-1").grade == "published"
    assert now.price(Item.TABLE_GB, "eu-west-1").of(100) == pytest.approx(28.3)
    assert now.price(Item.API_REQUEST, "eu-west-1").of(400e6) == pytest.approx(333 + 100)
    assert "20260911124422, EU-WriteRequestUnits" in now.price(Item.WRITE_UNIT, "eu-west-1").source
    assert now.price(Item.TRANSITION, "eu-west-1") == catalogue().price(Item.TRANSITION, "eu-west-1")
    printed = capsys.readouterr().out
    assert "dynamodb-replicated-write-unit: as before" in printed


def test_a_product_that_is_missing_or_there_twice_leaves_the_price_as_it_was(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    twice = [*DYNAMODB[1:], ("AAAAAAAAAAAAAAA4", "EUW1-ReadRequestUnits", [("9.0", "0", "Inf")])]
    assert refreshed(data, offer("AmazonDynamoDB", twice)) == 0

    printed = capsys.readouterr().out
    assert "dynamodb-write-unit: left as it was, no product fits" in printed
    assert "dynamodb-read-unit: left as it was, 2 products fit" in printed
    now = catalogue(data)
    for item in (Item.WRITE_UNIT, Item.READ_UNIT):
        assert now.price(item, "eu-west-1") == catalogue().price(item, "eu-west-1")


def test_a_region_without_a_file_gets_one(data: Path) -> None:
    products: list[Product] = [("S", "APN1-WriteRequestUnits", [("0.0000007150", "0", "Inf")])]

    assert refreshed(data, offer("AmazonDynamoDB", products, "ap-northeast-1")) == 0

    assert catalogue(data).price(Item.WRITE_UNIT, "ap-northeast-1").usd == pytest.approx(0.715e-6)
    assert catalogue(data).price(Item.WRITE_UNIT, "ap-northeast-1").grade == "published"


BAD = {
    "no JSON": "<html>",
    "a list": [],
    "no terms": {"offerCode": "AWSLambda"},
    "no region": offer("AmazonDynamoDB", []),
    "unknown region": offer("AmazonDynamoDB", DYNAMODB, "mars-north-1"),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_nothing_is_written_if_a_file_is_no_offer(
    data: Path, content: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {file.name: file.read_bytes() for file in data.iterdir()}

    assert refreshed(data, offer("AmazonDynamoDB", DYNAMODB), content) == 1

    assert {file.name: file.read_bytes() for file in data.iterdir()} == before
    told = capsys.readouterr().err
    assert "nothing was written" in told and "offer-1.json" in told


def test_prices_of_personalize_are_found_by_their_descriptions() -> None:
    content = offer(
        "AmazonPersonalize",
        [("S", "EU-Whatever", [("0.0000020000", "0", "Inf")])],
        words="$0.002 per 1000 interactions used for training",
    )

    [found] = read_offer(content).found
    assert found.item is Item.TRAINING_INTERACTIONS
    assert found.tiers[0].usd == pytest.approx(0.002)


@pytest.mark.parametrize("region", [region for region in PREFIXES if (DATA / f"{region}.toml").exists()])
def test_writing_a_file_again_without_anything_new_changes_no_price(region: str) -> None:
    empty = Offer("Nothing", "1", TODAY, region, (), {})
    text, changes = renewed(DATA, empty)

    assert changes == ()
    again, before = (
        prices_of(tomllib.loads(one)) for one in (text, (DATA / f"{region}.toml").read_text("utf-8"))
    )
    assert again == before


@given(
    prefix=st.sampled_from(["EU-IA-", "USE2-", "EU-Lambda-Edge-", "X"]), item=st.sampled_from(sorted(MEANT))
)
def test_a_usage_type_of_something_else_is_never_taken(prefix: str, item: Item) -> None:
    meant = MEANT[item]
    products: list[Product] = [("S", f"{prefix}{meant.usage}", [("1.0", "0", "Inf")])]

    assert read_offer(offer(meant.offer, products)).found == ()
