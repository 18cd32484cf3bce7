"""Prices anew from AWS's offer files: what is found is written, what is not stays, and both are said."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from costs.command import main
from costs.prices.catalogue import DATA, catalogue, prices_of
from costs.prices.items import Item
from costs.prices.meant import PREFIXES
from costs.prices.offers import Offer
from costs.prices.rewriting import renewed
from tests.app.unit.costs.estimates import TODAY
from tests.app.unit.costs.offer_files import API, DYNAMODB, Product, offer


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the repository's price files."""
    folder = tmp_path / "data"
    folder.mkdir()
    for file in DATA.glob("*.toml"):
        (folder / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return folder


def refreshed(data: Path, *contents: Any, options: tuple[str, ...] = ()) -> int:
    files = []
    for number, content in enumerate(contents):
        file = data.parent / f"offer-{number}.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        files.append(str(file))
    return main(["refresh", *files, "--data", str(data), *options], TODAY)


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
    "an index": {"formatVersion": "v1.0", "offers": {"AmazonS3": {"offerCode": "AmazonS3"}}},
    "a table": '"FormatVersion","v1.0"\n"Publication Date","2026-09-11T12:44:22Z"\n',
    "half of it": json.dumps(offer("AmazonDynamoDB", DYNAMODB))[:-700],
    "two of them": json.dumps(offer("AmazonDynamoDB", DYNAMODB)) * 2,
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


def test_a_file_of_all_regions_renews_those_that_have_a_price_file(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = offer("AmazonDynamoDB", DYNAMODB)
    tokyo = offer(
        "AmazonDynamoDB", [("T", "APN1-ReadRequestUnits", [("0.0000001430", "0", "Inf")])], "ap-northeast-1"
    )
    content["products"] |= tokyo["products"]
    content["terms"]["OnDemand"] |= tokyo["terms"]["OnDemand"]

    assert refreshed(data, content) == 0

    assert "ap-northeast-1" not in capsys.readouterr().out
    assert not (data / "ap-northeast-1.toml").exists()
    assert refreshed(data, content, options=("--region", "ap-northeast-1")) == 0
    assert catalogue(data).price(Item.READ_UNIT, "ap-northeast-1").usd == pytest.approx(0.143e-6)
    assert refreshed(data, content, options=("--region", "us-east-1")) == 1
    assert "it is of eu-west-1, ap-northeast-1" in capsys.readouterr().err


def test_a_price_of_another_unit_is_left_for_somebody_to_look_at(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    per_million: list[Product] = [("S", "EU-WriteRequestUnits", [("0.7050", "0", "Inf")])]

    assert refreshed(data, offer("AmazonDynamoDB", per_million)) == 0

    assert "out of proportion to the 7.05e-07 of eu-west-1" in capsys.readouterr().out
    assert catalogue(data).price(Item.WRITE_UNIT, "eu-west-1") == catalogue().price(
        Item.WRITE_UNIT, "eu-west-1"
    )


def test_an_older_file_changes_no_newer_price(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = {**offer("AmazonDynamoDB", DYNAMODB), "publicationDate": "2016-01-07T01:35:01Z"}

    assert refreshed(data, old) == 0

    printed = capsys.readouterr().out
    assert "of 2016-01-07, older than 12 months:" in printed
    assert "dynamodb-write-unit: left as it was, that of 2026-09-11 is newer than this file" in printed
    assert catalogue(data).by_region == catalogue().by_region


def test_tiers_that_are_new_are_said(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiers = [("0.0230", "0", "51200"), ("0.0220", "51200", "Inf")]
    content = offer("AmazonS3", [("S", "EU-TimedStorage-ByteHrs", tiers)])

    assert refreshed(data, {**content, "publicationDate": "2026-11-01T00:00:00Z"}) == 0

    assert "s3-gb-month: 0.023 -> 0.023 (2 tiers, down to 0.022)" in capsys.readouterr().out


def test_a_service_of_which_nothing_is_looked_for_is_said(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refreshed(data, offer("AmazonCloudFront", DYNAMODB), offer("AmazonApiGateway", API)) == 0

    printed = capsys.readouterr().out
    assert "offer-0.json: nothing of its service is looked for here" in printed
    assert "http-api-request: left as it was, that of 2026-10-02 is newer" in printed


@pytest.mark.parametrize("region", [region for region in PREFIXES if (DATA / f"{region}.toml").exists()])
def test_writing_a_file_again_without_anything_new_changes_no_price(region: str) -> None:
    renewal = renewed(DATA, Offer("Nothing", "1", TODAY, region, (), {}))

    assert renewal.changes == ()
    again, before = (
        prices_of(tomllib.loads(one)) for one in (renewal.text, (DATA / f"{region}.toml").read_text("utf-8"))
    )
    assert again == before
