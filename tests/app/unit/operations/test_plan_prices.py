"""What a plan of a switch says of the trainings that follow it: a price that is not known is said to be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from config.derived.names import copies_bucket_name
from config.use_cases import USE_CASES
from costs.prices.catalogue import Catalogue, catalogue
from costs.prices.items import Item
from operations.regions import trainings
from pipeline import keys
from tests.app.support.business.stages import DEV
from tests.app.support.regions.operated_stage import CENTRAL, REGIONS, WEST, World, aws_client

PLAN = ["plan", *REGIONS, "--to", CENTRAL, "--lost", "--json"]


@pytest.fixture
def world(aws: None) -> World:
    made = World.made()
    made.gone = {WEST}
    return made


def models(world: World, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """By use case, those of Amazon Personalize."""
    assert world.run(*PLAN) == 0
    found = json.loads(capsys.readouterr().out)["models"]
    return {model["useCase"]: model for model in found if model["variant"] == "personalize"}


def test_without_any_record_the_price_of_each_training_is_unknown(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    found = models(world, capsys)

    assert found and all(model["usd"] is None for model in found.values())
    assert all("its price is unknown, as its" in model["what"] for model in found.values())


def test_the_record_that_was_copied_says_how_much_there_is_to_train_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    s3, bucket = aws_client(CENTRAL, "s3"), copies_bucket_name("dev", DEV.account, CENTRAL)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": CENTRAL})
    record = {"datasets": [{"dataset": "items", "rows": 7}, {"dataset": "interactions", "rows": 500_000}]}
    for use_case in USE_CASES:
        key = keys.last_good(use_case.name, "personalize")
        s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(record))

    found = models(world, capsys)

    second = {case.name for case in USE_CASES if case.personalize and case.personalize.recipe.endswith("-v2")}
    for name, model in found.items():
        assert model["interactions"] == 500_000
        price = 500 * catalogue().price(Item.TRAINING_INTERACTIONS, CENTRAL).usd
        assert model["usd"] == (pytest.approx(price) if name in second else None)
    assert world.run(*PLAN[:-1]) == 0
    assert "trainings after the switch: about" in capsys.readouterr().out


def test_who_is_paid_by_hours_costs_what_the_last_training_took() -> None:
    usd, words = trainings._price(Item.TRAINING_HOUR, 2.5, None, "eu-west-1", catalogue())

    assert usd == pytest.approx(2.5 * catalogue().price(Item.TRAINING_HOUR, "eu-west-1").usd)
    assert "assumed: the price of ap-southeast-1, that of eu-west-1 is not known" in words


def test_what_has_no_price_is_not_free() -> None:
    usd, words = trainings._price(Item.TRAINING_HOUR, 2.5, None, "eu-west-1", Catalogue({}))

    assert usd is None
    assert "its price is unknown: nothing is known of what a training hour" in words
