"""Prices have a source, a date and a grade; what nobody knows is an error."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.prices.catalogue import DATA, BadPrices, Catalogue, catalogue, prices_of
from costs.prices.items import Item
from costs.prices.price import Grade, Price, Tier, UnknownPrice
from tests.app.unit.costs.estimates import TODAY

TIERED = catalogue().price(Item.BATCH_FIRST, "us-east-1")


def test_every_item_has_a_price_in_every_region_of_a_file() -> None:
    for region in catalogue().by_region:
        assert [catalogue().price(item, region).usd >= 0 for item in Item]


def test_a_price_of_another_region_says_that_it_is_assumed() -> None:
    price = catalogue().price(Item.TRAINING_HOUR, "eu-west-1")

    assert price.grade is Grade.ASSUMED
    assert "the price of ap-southeast-1, that of eu-west-1 is not known" in price.words
    assert "2026-08-09" in price.words


def test_a_price_that_nobody_knows_is_an_error_that_names_it() -> None:
    without = Catalogue({"eu-west-1": {}})

    with pytest.raises(UnknownPrice, match=r"cloudwatch-dashboard-month\) costs in eu-west-1"):
        without.price(Item.DASHBOARD, "eu-west-1")


def test_the_rates_of_personalize_give_the_three_totals_of_their_source() -> None:
    """A public statement of work has three totals: data, passes, training hours, and a third of the active
    hours each for a recommender (0.375, 0.045 more per further 100,000 people) and for a campaign of either
    generation at 1 TPS. One rate, of metadata per 1,000 requests, is free: it must be the same in all three.
    """
    quantities = {
        18.18: (10, 0.5e6 * 2, 6, 32, 50_000),
        42.59: (50, 1e6 * 4, 15, 64, 100_000),
        157.05: (200, 5e6 * 8, 30, 128, 250_000),
    }
    prices = catalogue()
    of = {item: prices.price(item, "ap-southeast-1").usd for item in Item}
    left = []
    for total, (gb, passes, hours, active, people) in quantities.items():
        third = active / 3
        recommender = 0.375 + 0.045 * max(0.0, people / 100_000 - 1)
        known = (
            gb * of[Item.INGESTED_GB]
            + passes / 1000 * of[Item.TRAINING_INTERACTIONS]
            + hours * of[Item.TRAINING_HOUR]
            + third * recommender
            + third * 3.6 * of[Item.REQUESTS_SECOND]
            + third * of[Item.TPS_HOUR]
        )
        left.append((total - known) / (third * 3.6))

    assert max(left) - min(left) < 0.0005
    assert left[-1] == pytest.approx(0.0612, abs=0.0003)


@given(quantity=st.floats(0, 1e9), more=st.floats(0, 1e9))
def test_more_costs_more_and_never_more_than_at_the_first_tier(quantity: float, more: float) -> None:
    usd = TIERED.of(quantity)

    assert usd <= TIERED.of(quantity + more) + 1e-6
    assert usd <= quantity * TIERED.usd + 1e-6
    assert usd >= quantity * TIERED.tiers[-1].usd - 1e-6


def test_tiers_are_passed_through_one_after_the_other() -> None:
    assert TIERED.of(30_000) == pytest.approx(20_000 * 0.067 + 10_000 * 0.058)
    assert TIERED.of(250_000) == pytest.approx(20_000 * 0.067 + 180_000 * 0.058 + 50_000 * 0.05)


def test_a_quantity_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="has no price"):
        TIERED.of(-1)


def test_a_price_is_old_after_twelve_months() -> None:
    price = replace(TIERED, as_of=TODAY - timedelta(days=365))

    assert not price.is_old(TODAY)
    assert price.is_old(TODAY + timedelta(days=1))


BAD = {
    "region": ('[prices]\nkms-key-month = { usd = 1, source = "a" }', "region: is missing"),
    "no source": ('region = "x"\n[prices]\nkms-key-month = { usd = 1, source = "a" }', "KeyError: 'a'"),
    "no such item": ('region = "x"\n[prices]\ngold = { usd = 1, source = "a" }', "prices.gold"),
    "assumed without why": (
        'region = "x"\n[sources]\na = { text = "t", as_of = 2026-01-01 }\n'
        '[prices]\nkms-key-month = { usd = 1, source = "a", grade = "assumed" }',
        "says why",
    ),
    "below nothing": (
        'region = "x"\n[sources]\na = { text = "t", as_of = 2026-01-01 }\n'
        '[prices]\nkms-key-month = { usd = -1, source = "a" }',
        "at least 0",
    ),
    "no last tier": (
        'region = "x"\n[sources]\na = { text = "t", as_of = 2026-01-01 }\n'
        '[prices]\nkms-key-month = { tiers = [{ usd = 1, upto = 5 }], source = "a" }',
        "tiers must rise",
    ),
    "no date": (
        'region = "x"\n[sources]\na = { text = "t", as_of = "lately" }\n'
        '[prices]\nkms-key-month = { usd = 1, source = "a" }',
        "as_of must be a date",
    ),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD)
def test_a_file_that_says_what_it_must_not_is_refused_with_its_place(text: str, words: str) -> None:
    with pytest.raises(BadPrices, match=words):
        prices_of(tomllib.loads(text))


def test_all_that_is_wrong_with_the_files_is_said_at_once(tmp_path: Path) -> None:
    for name, (text, _) in BAD.items():
        (tmp_path / f"{name.replace(' ', '-')}.toml").write_text(text, encoding="utf-8")

    with pytest.raises(BadPrices) as raised:
        catalogue(tmp_path)

    assert len(str(raised.value).splitlines()) == len(BAD)


def test_prices_of_this_repository_are_not_from_the_future() -> None:
    assert all(
        price.as_of <= date(2026, 11, 30)
        for prices in catalogue(DATA).by_region.values()
        for price in prices.values()
    )


def test_a_what_if_price_takes_the_place_of_the_one_that_is_there() -> None:
    dearer = Price(
        item=Item.KEY, region="eu-west-1", tiers=(Tier(2.0),), grade=Grade.PUBLISHED, source="s", as_of=TODAY
    )

    assert catalogue().with_prices([dearer]).price(Item.KEY, "eu-west-1").usd == 2.0
    assert catalogue().price(Item.KEY, "eu-west-1").usd == 1.0
