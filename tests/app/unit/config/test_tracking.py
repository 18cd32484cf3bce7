"""What a use case's tracking must obey, and what the rules say."""

from dataclasses import replace

import pytest

from config.rules.tracking import tracking_problems
from config.schema import Column, Conversion, Dataset, EventType, Tracking, UseCase
from config.use_cases import USE_CASES

POSTS = next(case for case in USE_CASES if case.name == "posts")
CONVERSION = Conversion(goal=0.03, floor=0.01)


def problems(tracking: Tracking, use_case: UseCase = POSTS) -> dict[str, str]:
    return {p.field: p.rule for p in tracking_problems(replace(use_case, tracking=tracking))}


def test_nothing_has_to_be_tracked() -> None:
    assert not list(tracking_problems(replace(POSTS, tracking=None)))


@pytest.mark.parametrize(
    ("tracking", "field", "rule"),
    [
        (Tracking(actions=(), conversion=CONVERSION), "tracking.actions", "should lead to"),
        (Tracking(actions=("share",), conversion=CONVERSION), "tracking.actions", "event_types"),
        (Tracking(actions=("like", "like"), conversion=CONVERSION), "tracking.actions", "twice"),
        (
            Tracking(actions=("like",), conversion=Conversion(goal=3, floor=0)),
            "tracking.conversion.goal",
            "between 0 and 1",
        ),
        (
            Tracking(actions=("like",), conversion=Conversion(goal=0.03, floor=0.04)),
            "tracking.conversion.floor",
            "from 0 to the goal",
        ),
        (
            Tracking(actions=("like",), conversion=replace(CONVERSION, minimum_impressions=0)),
            "tracking.conversion.minimum_impressions",
            "at least 1",
        ),
    ],
)
def test_a_mistake_is_told_with_its_field(tracking: Tracking, field: str, rule: str) -> None:
    assert rule in problems(tracking)[field]


def test_events_cannot_fill_columns_that_they_know_nothing_of() -> None:
    columns = (*POSTS.interactions.columns, Column(name="DEVICE"))
    case = replace(POSTS, interactions=Dataset(sql=POSTS.interactions.sql, columns=columns))
    tracking = Tracking(actions=("like",), event_tracker=True, conversion=CONVERSION)

    assert "must be nullable" in problems(tracking, case)["interactions"]


def test_no_event_type_is_called_like_an_impression() -> None:
    case = replace(POSTS, event_types=(*POSTS.event_types, EventType(name="Impression", weight=0.1)))

    found = problems(Tracking(actions=("like",), conversion=CONVERSION), case)

    assert "stands for what was shown" in found["event_types"]


def test_tracked_events_are_trained_on_where_no_tracker_records_them() -> None:
    people = next(case for case in USE_CASES if case.name == "users_to_follow")
    tracking = Tracking(actions=("follow",), conversion=CONVERSION, trains_on=("view",))
    assert not problems(tracking, people)
    assert "already" in problems(replace(tracking, event_tracker=True), people)["tracking.trains_on"]
    assert "event_types" in problems(replace(tracking, trains_on=("share",)), people)["tracking.trains_on"]
    for days in (0, 401):
        assert "1 to 400" in problems(replace(tracking, trained_days=days), people)["tracking.trained_days"]
    columns = (*people.interactions.columns, Column(name="DEVICE"))
    wider = replace(people, interactions=Dataset(sql=people.interactions.sql, columns=columns))
    assert "nullable" in problems(tracking, wider)["interactions"]
