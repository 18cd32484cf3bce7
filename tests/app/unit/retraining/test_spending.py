"""A run that would cost more than its use case allows is refused with figures before it costs anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from config.schema import Personalize, Schedule
from config.use_cases import USE_CASES
from pipeline.deciding.spending import Budget, cost, estimated, require
from pipeline.errors import RunTooDear
from pipeline.storage import Bucket
from stacks.props.spending import budget_of, limit_of
from tests.app.support.business.stages import PROD

FIRST = Budget(limit_usd=1.60, interactions_usd=0.0, hour_usd=0.24, lists_usd=0.067)
SECOND = Budget(limit_usd=25.0, interactions_usd=0.002, hour_usd=0.0, lists_usd=0.15)
LAST_GOOD = "runs/posts/personalize/last_good.json"
[POSTS] = [case for case in USE_CASES if case.name == "posts"]


def rows(people: int, interactions: int, items: int = 100) -> list[dict[str, Any]]:
    return [
        {"dataset": "interactions", "rows": interactions, "users": people // 2, "items": items},
        {"dataset": "users", "rows": people, "users": people, "items": None},
    ]


@pytest.mark.parametrize(
    ("people", "usd"), [(13_000, 21.60 + 26.13), (100_000, 72.00 + 201.00), (1_000_000, 144.00 + 2_010.00)]
)
def test_a_run_of_the_first_generation_costs_a_thirtieth_of_what_was_published(
    people: int, usd: float
) -> None:
    assert estimated(FIRST, rows(people, 5), None).usd == pytest.approx(usd / 30)


def test_a_run_of_the_second_generation_is_paid_by_interactions_and_lists() -> None:
    """Five million interactions ten dollars, lists for a hundred thousand people fifteen."""
    assert estimated(SECOND, rows(100_000, 5_000_000), None).usd == pytest.approx(25.0)


def test_lists_of_items_are_paid_by_items() -> None:
    items = replace(SECOND, for_items=True)

    assert estimated(items, rows(100_000, 0, items=4_000), None).usd == pytest.approx(0.6)


def test_billed_hours_take_the_place_of_guessed_ones() -> None:
    assert cost(FIRST, interactions=5, lists=0, hours=100.0).usd == pytest.approx(24.0)


def test_a_run_over_its_limit_is_refused_with_figures(bucket: Bucket) -> None:
    with pytest.raises(RunTooDear) as raised:
        require(bucket, SECOND, rows(100_000, 5_000_500), use_case="posts", variant="personalize")

    for words in (
        "about 25.00 US",
        "5,000,500 interactions 10.00",
        "100,000 lists 15.00",
        "25.00 a run",
        "run_limit",
    ):
        assert words in str(raised.value)


def test_a_run_at_its_limit_is_not(bucket: Bucket) -> None:
    found = require(bucket, SECOND, rows(100_000, 5_000_000), use_case="posts", variant="personalize")

    assert found.usd == pytest.approx(25.0)


def test_as_many_get_a_list_as_in_the_last_good_run(bucket: Bucket) -> None:
    last = {"audience": 15_000, "datasets": rows(50_000, 1)}
    bucket.write_json(LAST_GOOD, last)

    found = require(bucket, SECOND, rows(100_000, 0), use_case="posts", variant="personalize")

    assert found.usd == pytest.approx(30 * 0.15)


def test_the_last_good_run_may_have_been_in_another_region(bucket: Bucket) -> None:
    client: Any = bucket.client
    client.create_bucket(Bucket="copies", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    copies = Bucket(client, "copies")
    last = {"datasets": rows(50_000, 1)}
    for place, audience, day in ((bucket, 90_000, 21), (copies, 15_000, 22)):
        place.write_json(LAST_GOOD, {**last, "audience": audience})
        written = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].get_object(place.name, LAST_GOOD)
        assert written is not None
        written.last_modified = datetime(2026, 11, day, tzinfo=UTC)
    everywhere = replace(bucket, copies=copies)

    found = require(everywhere, SECOND, rows(100_000, 0), use_case="posts", variant="personalize")

    assert found.usd == pytest.approx(30 * 0.15)


@given(people=st.integers(0, 10**7), more=st.integers(0, 10**7), audience=st.floats(0, 1e7))
def test_more_people_never_cost_less_and_an_audience_never_more_than_everybody(
    people: int, more: int, audience: float
) -> None:
    for budget in (FIRST, SECOND):
        usd = estimated(budget, rows(people, people), None).usd

        assert estimated(budget, rows(people + more, people + more), None).usd >= usd - 1e-9
        assert estimated(budget, rows(people, people), audience).usd <= usd + 1e-9


def test_a_use_case_without_limits_has_no_budget() -> None:
    assert budget_of(PROD, POSTS) is None


def test_the_month_is_shared_by_the_runs_of_the_schedule_and_the_smaller_limit_counts() -> None:
    monthly = replace(POSTS, monthly_limit=304.375)
    often = replace(PROD, schedule=Schedule(expression="rate(6 hours)"))

    assert limit_of(PROD, monthly) == pytest.approx(10.0)
    assert limit_of(often, monthly) == pytest.approx(2.5)
    assert limit_of(PROD, replace(monthly, run_limit=3.0)) == 3.0
    assert limit_of(
        replace(PROD, schedule=Schedule(expression="cron(0 3 1 * ? *)")), monthly
    ) == pytest.approx(304.375, rel=0.01)


@pytest.mark.parametrize(
    ("recipe", "interactions", "hour", "lists"),
    [("aws-user-personalization-v2", 0.002, 0.0, 0.15), ("aws-user-personalization", 0.0, 0.24, 0.067)],
)
def test_a_budget_has_the_prices_of_the_recipe(
    recipe: str, interactions: float, hour: float, lists: float
) -> None:
    case = replace(POSTS, variants=(Personalize(recipe=recipe),), run_limit=7.0)

    assert budget_of(PROD, case) == {
        "limitUsd": 7.0,
        "interactionsUsd": pytest.approx(interactions),
        "hourUsd": pytest.approx(hour),
        "listsUsd": pytest.approx(lists),
        "forItems": False,
    }
