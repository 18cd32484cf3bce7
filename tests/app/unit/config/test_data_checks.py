"""What a use case's data is held against: sane figures, and the event types that something counts on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.derived.event_rules import expected_events
from config.rules import check
from config.schema import (
    ALL_EVENTS,
    Change,
    Conversion,
    DataChecks,
    EventType,
    Guards,
    OwnItems,
    Reaction,
    Tracking,
    UseCase,
)
from config.stages import STAGES
from tests.app.support.films import problems_of

BROKEN: dict[str, tuple[Any, str, str]] = {
    "all may be lost": (Guards(rows=Change(down=1)), "guards.rows.down", "None for any"),
    "less than nothing": (Guards(people=Change(down=-0.1)), "guards.people.down", "from 0 to below 1"),
    "without end": (Guards(items=Change(up=float("inf"))), "guards.items.up", "None for any"),
    "no number": (Guards(event_type=Change(up=float("nan"))), "guards.event_type.up", "None for any"),
    "of nothing": (Guards(from_rows=0), "guards.from_rows", "at least 1"),
    "a word": ("warn", "unknown_event_types", "Reaction.WARN"),
}
CONVERSION = Conversion(goal=0.1, floor=0.0)


@pytest.mark.parametrize(("given", "field", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_check_that_cannot_be_is_named(good: UseCase, given: Any, field: str, rule: str) -> None:
    checks = DataChecks(guards=given) if isinstance(given, Guards) else DataChecks(unknown_event_types=given)

    [problem] = problems_of(replace(good, checks=checks))

    assert problem.startswith(f"use case films, checks.{field}: ") and rule in problem


def test_any_change_may_be_allowed(good: UseCase) -> None:
    nothing = Change(down=None)
    guards = Guards(rows=nothing, people=nothing, items=nothing, event_type=Change(down=0.99, up=10.0))

    check(STAGES, (replace(good, checks=DataChecks(guards=guards)),))


def needed(use_case: UseCase) -> dict[str, str]:
    expected = expected_events(use_case)
    assert expected
    return expected.needed


def test_what_something_counts_on_must_occur(good: UseCase) -> None:
    tracking = Tracking(actions=("buy",), conversion=CONVERSION)
    assert needed(replace(good, tracking=tracking)) == {
        "buy": "own_items and event_types (with a weight) and tracking.actions",
        "view": "event_types (with a weight)",
    }
    assert needed(replace(good, event_types=(EventType(name="view"), EventType(name="buy")))) == {
        "buy": "own_items"
    }
    assert (
        needed(replace(good, own_items=OwnItems(event_types=ALL_EVENTS), event_types=(EventType(name="a"),)))
        == {}
    )


def test_what_only_applications_post_need_not_be_in_the_database(good: UseCase) -> None:
    trained = Tracking(actions=("buy",), conversion=CONVERSION, trains_on=("view",))
    assert needed(replace(good, tracking=trained)).keys() == {"buy"}
    told = Tracking(actions=("buy",), conversion=CONVERSION, event_tracker=True)
    assert needed(replace(good, tracking=told)) == {"buy": "own_items"}


def test_nothing_is_expected_where_the_configuration_names_no_types(good: UseCase) -> None:
    assert expected_events(replace(good, event_types=(), own_items=OwnItems())) is None
    warned = DataChecks(missing_event_types=Reaction.WARN)
    expected = expected_events(replace(good, checks=warned))
    assert expected and (expected.known, expected.unknown, expected.missing) == (
        ("view", "buy"),
        "refuse",
        "warn",
    )
