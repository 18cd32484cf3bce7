"""Quantities follow from the configuration and the volumes, as worked examples of the services have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Audience, Fatigue, Own, Schedule
from config.types.schedule_expressions import fires, firings_per_day
from config.use_cases import USE_CASES
from costs.estimating.estimate import priced, stage_lines, use_case_lines
from costs.estimating.reading import stages_in
from costs.estimating.what_if import FIRST, for_whom, with_campaigns, with_own, with_personalize
from costs.prices.catalogue import catalogue
from costs.prices.items import Item
from costs.usage.line import Group, Line
from costs.usage.setting import Setting
from costs.usage.training import campaign_line
from costs.usage.volumes import DAYS, Volumes
from pipeline.deciding.spending import guessed_hours
from tests.app.support.assemblies import stacks
from tests.app.support.business.stages import LOCAL, PROD, STAGES
from tests.app.unit.costs.estimates import TODAY, case, setting

ALWAYS: dict[str, Any] = {"changed_days": 7.0}
EVERYBODY = for_whom(PROD, active=False)


def usd(lines: Iterable[Line], *groups: Group, region: str = "us-east-1") -> float:
    """At the prices of a region that has them all."""
    chosen = [
        replace(line, where=replace(line.where, region=region))
        for line in lines
        if not groups or line.group in groups
    ]
    return priced(chosen, catalogue(), TODAY).usd


def a_day(lines: Iterable[Line], *groups: Group) -> float:
    return usd(lines, *groups) / DAYS


def test_five_million_interactions_cost_ten_dollars_a_training() -> None:
    lines = use_case_lines(setting(people=100_000, interactions_per_person=50, **ALWAYS))

    assert a_day(lines, Group.TRAINING) == pytest.approx(10.0)


@pytest.mark.parametrize(("recipe", "dollars"), [(None, 15.0), (FIRST, 6.70)])
def test_lists_of_a_hundred_thousand_people_cost_what_the_generation_asks(
    recipe: str | None, dollars: float
) -> None:
    """Within the first tier, which thirty such days leave: 20 million people a month."""
    [use_case] = with_personalize([case("posts")], recipe)
    lines = use_case_lines(setting(stage=EVERYBODY, use_case=use_case, people=100_000, **ALWAYS))

    assert a_day(lines, Group.LISTS) == pytest.approx(dollars)


@pytest.mark.parametrize(("people", "dollars"), [(13_000, 0.975), (100_000, 7.50), (1_000_000, 75.00)])
def test_loading_four_use_cases_daily_costs_a_unit_a_list_and_twice_that_in_a_replica(
    people: int, dollars: float
) -> None:
    """In 30 days: for each list one unit here, one when it is copied and one when its deletion is."""
    lines = use_case_lines(setting(stage=EVERYBODY, people=people, **ALWAYS))
    units = [line for line in lines if line.item in (Item.WRITE_UNIT, Item.REPLICATED_WRITE_UNIT)]

    assert 4 * 30 * a_day(units, Group.LOADING) == pytest.approx(dollars)
    assert 4 * 30 * a_day(units, Group.REPLICA) == pytest.approx(2 * dollars)


@pytest.mark.parametrize(("second", "dollars"), [(False, 146.00), (True, 394.20)])
def test_a_campaign_that_nobody_asks_costs_its_minimum(second: bool, dollars: float) -> None:
    [use_case] = with_personalize([case("posts")], None if second else FIRST)
    assert use_case.personalize
    line = campaign_line(setting(requests_per_day=0.0), use_case.personalize, 1)

    assert usd([line]) == pytest.approx(dollars)
    assert any("open, the dearer reading" in note for note in line.notes) == second


def test_what_readers_ask_beyond_the_minimum_is_billed_too() -> None:
    [first, second] = (with_personalize([case("posts")], recipe)[0].personalize for recipe in (FIRST, None))
    asked = setting(people=10_000_000, active_share=1.0, requests_per_day=10.0)
    assert first and second

    tps = 10_000_000 * 10 / 86_400
    assert campaign_line(asked, first, 1).quantity == pytest.approx(tps * 730)
    assert campaign_line(asked, second, 1).quantity == pytest.approx(10_000_000 * 10 * DAYS / 1000)


def test_use_cases_share_the_readers_requests() -> None:
    campaigns = with_campaigns(USE_CASES, PROD.name)
    lines = stage_lines(PROD, campaigns, (), Volumes(people=50_000_000))
    asked = sum(line.quantity for line in lines if line.item is Item.REQUESTS_SECOND)

    assert asked * 1000 < 50_000_000 * 0.3 * 5 * DAYS


EXPRESSIONS = st.one_of(
    st.tuples(st.integers(1, 59), st.sampled_from(["minutes", "hours", "days"])).map(
        lambda rate: f"rate({rate[0]} {rate[1]})"
    ),
    st.tuples(st.sampled_from(["0", "0/20", "5,35"]), st.sampled_from(["3", "*/6", "8-18", "0,12"])).map(
        lambda cron: f"cron({cron[0]} {cron[1]} * * ? *)"
    ),
)


@given(EXPRESSIONS)
def test_a_schedule_fires_as_often_as_its_minutes_say(expression: str) -> None:
    begin = datetime(2026, 3, 2)
    if "rate" in expression:
        assert firings_per_day(expression) > 0
        return
    minutes = (begin + timedelta(minutes=minute) for minute in range(24 * 60))

    assert firings_per_day(expression) == sum(fires(expression, minute, begin) for minute in minutes)


@pytest.mark.parametrize(
    ("expression", "per_day"),
    [
        ("rate(6 hours)", 4),
        ("rate(1 day)", 1),
        ("cron(0 9 ? * MON *)", 1 / 7),
        ("cron(0 0 1 * ? *)", 12 / 365.25),
    ],
)
def test_rates_and_days_of_the_week_are_averaged(expression: str, per_day: float) -> None:
    assert firings_per_day(expression) == pytest.approx(per_day, rel=0.005)


@given(changed=st.floats(0, 7), more=st.floats(0, 7), hours=st.sampled_from([1, 6, 24, 72, 168]))
def test_no_run_trains_more_often_than_it_is_begun_and_more_changes_never_train_less(
    changed: float, more: float, hours: int
) -> None:
    stage = replace(PROD, schedule=Schedule(expression=f"rate({hours} hours)"))
    one, other = (setting(stage=stage, changed_days=days) for days in sorted((changed, more)))

    assert 0 <= one.trainings <= other.trainings <= other.runs


def test_a_schedule_that_begins_nothing_costs_nothing_but_what_is_there() -> None:
    stage = replace(PROD, schedule=replace(PROD.schedule, enabled=False))

    assert usd(use_case_lines(setting(stage=stage, people=100_000))) == 0


def test_lists_of_items_are_as_many_as_items() -> None:
    assert setting(use_case=case("similar_programs"), items=1234).lists == 1234
    assert setting(use_case=with_own([case("similar_programs")])[0], items=1234).lists == 1234


def test_whom_the_audience_leaves_out_gets_no_list() -> None:
    active = replace(PROD, audience=Audience(active_within_days=30))

    assert setting(stage=active, people=1000, active_share=0.3).lists == 300
    assert setting(stage=EVERYBODY, people=1000, active_share=0.3).lists == 1000


def test_an_own_run_costs_what_was_measured() -> None:
    """docs/variants.md: 180,483 people and 4.8 million events, 82 seconds as they were and $0.004; here both
    functions' starts and one processor for lists are on top.
    """
    own = replace(case("posts"), variants=(Own(relearn_days=None, algorithm="ease"),))
    measured = setting(
        stage=EVERYBODY, use_case=own, people=180_483, interactions_per_person=26.6, items=4_182, **ALWAYS
    )

    assert 0.004 <= a_day(use_case_lines(measured), Group.TRAINING, Group.LISTS) <= 0.012


def test_what_fits_into_no_function_is_a_container_and_says_so() -> None:
    own = with_own([case("posts")])[0]
    lines = use_case_lines(setting(stage=EVERYBODY, use_case=own, people=10_000_000))
    training = [line for line in lines if line.group is Group.TRAINING]

    assert {line.item for line in training} == {Item.PROCESSOR_HOUR, Item.MEMORY_GB_HOUR}
    assert all("fit into no function" in line.notes[0] for line in training)


def test_memory_that_a_training_needs_beyond_its_function_is_said() -> None:
    own = with_own([case("posts")])[0]
    lines = use_case_lines(setting(stage=EVERYBODY, use_case=own, people=1_000_000))

    assert any("it refuses" in note for line in lines for note in line.notes)


@pytest.mark.parametrize(("people", "hours"), [(13_000, 3), (100_000, 10), (1_000_000, 20), (10_000_000, 30)])
def test_training_hours_are_the_published_guesses_where_there_are_some(people: int, hours: float) -> None:
    assert guessed_hours(people) == pytest.approx(hours)


BAD: dict[str, Any] = {"people": -1, "active_share": 1.5, "changed_days": 8, "items": float("nan")}


@pytest.mark.parametrize(("field", "value"), BAD.items())
def test_volumes_that_cannot_be_are_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        Volumes(**{field: value})


@pytest.mark.parametrize("stage", [one for one in STAGES if one is not LOCAL], ids=lambda one: one.name)
def test_templates_cost_what_the_configuration_that_they_are_made_of_does(stage: Any) -> None:
    volumes = Volumes(people=100_000)
    read = {one.name: (one, use_cases) for one, use_cases in stages_in(stacks())}
    sides = [(stage, USE_CASES), read[stage.name]]
    sums = [
        priced(
            [
                line
                for use_case in use_cases
                for line in use_case_lines(Setting(stage=one, use_case=use_case, volumes=volumes))
            ],
            catalogue(),
            TODAY,
        ).by(lambda line: f"{line.where.use_case} {line.group}")
        for one, use_cases in sides
    ]

    assert sums[0] == pytest.approx(sums[1])


def test_what_tires_people_is_read_again_by_every_run_as_long_as_its_day_counts() -> None:
    plain = setting(people=10_000, active_share=0.5, events_per_day=20, **ALWAYS)
    tiring = replace(plain, use_case=replace(plain.use_case, fatigue=Fatigue(days=7)))

    more = [line for line in use_case_lines(tiring) if line not in use_case_lines(plain)]

    # 100,000 events of a day, five of them in a file; ALWAYS: every run finds something new.
    [line] = more
    assert (line.item, line.group) == (Item.GET, Group.RUNS)
    assert line.quantity == pytest.approx(tiring.trainings * 7 * 100_000 / 5 / tiring.asked)
    assert "fatigue" in line.cause and not [one for one in use_case_lines(plain) if "fatigue" in one.cause]
