"""Limits of the rules, at the limits: the last value that is good, and the first that is not."""

from dataclasses import replace
from math import nextafter
from typing import Any

import pytest

from config.notifications import NOTIFICATIONS
from config.rules.estate import estate_notices, estate_problems
from config.rules.models import model_problems
from config.rules.notifications import notification_problems, notifying_problems
from config.rules.regions import region_problems
from config.rules.serving import api_problems, endpoint_problems
from config.rules.stages import stage_problems
from config.rules.tracking import tracking_problems
from config.rules.use_cases import use_case_problems
from config.rules.variants import variant_problems
from config.schema import (
    ApiConfig,
    Audience,
    Campaign,
    Conversion,
    EmailSender,
    Endpoint,
    EndpointKind,
    EventType,
    Judgement,
    JwtAuthorization,
    Notifying,
    Own,
    OwnItems,
    Personalize,
    Realtime,
    Schedule,
    Throttling,
    Tracking,
    UseCase,
)
from config.use_cases import USE_CASES
from tests.app.support.good_stage import GOOD, fields_of, with_database, with_schedule

UNDER_0, OVER_0 = nextafter(0, -1), nextafter(0, 1)
UNDER_1, OVER_1 = nextafter(1, 0), nextafter(1, 2)
Values = tuple[Any, ...]


def weights(*values: float) -> dict[str, Any]:
    return {"event_types": tuple(EventType(name=f"e{at}", weight=value) for at, value in enumerate(values))}


def personalize(**settings: Any) -> dict[str, Any]:
    return {"variants": (Personalize(**settings),)}


USE_CASE: dict[str, tuple[Any, Values, Values]] = {
    "version": (lambda value: {"version": value}, (1,), (0,)),
    "batch_results": (lambda value: {"batch_results": value, "recommendations": 1}, (1, 500), (0, 501)),
    "recommendations": (lambda value: {"recommendations": value}, (1, 100), (0, 101)),
    "minimum_loaded_share": (lambda value: {"minimum_loaded_share": value}, (OVER_0, 1), (0, OVER_1)),
    "users_per_shard": (lambda value: {"users_per_shard": value}, (1, 50_000_000), (0, 50_000_001)),
    "variants[personalize].campaign.min_provisioned_tps": (
        lambda value: personalize(campaign=Campaign(stages=("dev",), min_provisioned_tps=value)), (1,), (0,),
    ),
    "variants[personalize].campaign.idle_days": (
        lambda value: personalize(campaign=Campaign(stages=("dev",), idle_days=value)), (0, 7), (-1, 8),
    ),
    "variants[own].memory_mb": (
        lambda value: {"variants": (Own(memory_mb=value),)}, (128, 10_240), (127, 10_241),
    ),
    "variants[own].seed": (lambda value: {"variants": (Own(seed=value),)}, (0,), (-1,)),
    "judgement.floor": (lambda value: {"judgement": Judgement(floor=value)}, (0, UNDER_1), (UNDER_0, 1)),
    "judgement.tolerance": (
        lambda value: {"judgement": Judgement(tolerance=value)}, (0, UNDER_1), (UNDER_0, 1),
    ),
    "event_types[e0].weight": (lambda value: weights(value, 1), (0, 1), (UNDER_0, OVER_1)),
    "event_types": (lambda value: weights(*value), ((OVER_0,), [1] * 10), ((0,), [1] * 11)),
    "variants[personalize].hyper_parameters[hidden_dimension]": (
        lambda value: {
            "event_types": (EventType(name="buy"),),
            **personalize(
                recipe="aws-user-personalization", hyper_parameters={"hidden_dimension": value}
            ),
        },
        (32, 256),
        (31, 257),
    ),
    "variants[personalize].hyper_parameters[max_user_history_length_percentile]": (
        lambda value: {
            "event_types": (EventType(name="buy"),),
            **personalize(
                recipe="aws-user-personalization",
                hyper_parameters={"max_user_history_length_percentile": value},
            ),
        },
        (0, 0.5, 1.0),
        (UNDER_0, OVER_1, "0.5", True),
    ),
    "endpoint.realtime.budget_ms": (
        lambda value: {
            **personalize(campaign=Campaign(stages=("dev",))),
            "endpoint": Endpoint(
                path="films", kind=EndpointKind.LIST, realtime=Realtime(budget_ms=value)
            ),
        },
        (20, 900),
        (19, 901),
    ),
}  # fmt: skip


@pytest.mark.parametrize("field", USE_CASE)
def test_a_use_case_may_go_to_its_limits_and_no_further(good: UseCase, field: str) -> None:
    change, accepted, refused = USE_CASE[field]

    def broken(value: Any) -> set[str]:
        case = replace(good, **{"own_items": OwnItems(), **change(value)})
        rules = (use_case_problems, variant_problems, model_problems, endpoint_problems)
        return {name for rule in rules for name in fields_of(rule(case))}

    assert [value for value in accepted if field in broken(value)] == []
    assert [value for value in refused if field not in broken(value)] == []


@pytest.mark.parametrize(("length", "refused"), [(1, False), (256, False), (0, True), (257, True)])
def test_an_event_s_name_may_have_256_characters(good: UseCase, length: int, refused: bool) -> None:
    case = replace(good, event_types=(EventType(name="a" * length, weight=1),), own_items=OwnItems())

    assert ("event_types" in fields_of(model_problems(case))) is refused


def test_the_filter_of_own_events_may_have_2500_characters(good: UseCase) -> None:
    def with_filter_of(length: int) -> UseCase:
        bare = len(OwnItems(event_types=("",)).filter_expression or "")
        return replace(good, own_items=OwnItems(event_types=("a" * (length - bare),)))

    longest = with_filter_of(2500)
    assert len(longest.own_items.filter_expression or "") == 2500

    def is_too_long(case: UseCase) -> bool:
        return any("2500 characters" in problem.rule for problem in model_problems(case))

    assert not is_too_long(longest)
    assert is_too_long(with_filter_of(2501))


STAGE: dict[str, tuple[Any, Values, Values]] = {
    "name": (lambda value: replace(GOOD, name="a" * value), (1, 16), (0, 17)),
    "account": (lambda value: replace(GOOD, account="1" * value), (12,), (11, 13)),
    "owner": (lambda value: replace(GOOD, owner="a" * value), (1, 256), (0, 257)),
    "database.secret_name": (lambda value: with_database(secret_name="a" * value), (1, 512), (0, 513)),
    "generation_days": (lambda value: replace(GOOD, generation_days=value), (4, 365), (3, 366)),
    "schedule.expression": (lambda value: with_schedule(f"rate({value} minutes)"), (60,), (59,)),
    "audience.active_within_days": (
        lambda value: replace(GOOD, audience=Audience(active_within_days=value)), (1, 3650), (0, 3651),
    ),
    "database.subnet_ids": (
        lambda value: with_database(subnet_ids=(f"subnet-{'a' * value}", "subnet-12345678")),
        (8, 17),
        (7, 9, 16, 18),
    ),
    "api.throttling.rate_per_second": (
        lambda value: replace(GOOD, api=ApiConfig(throttling=Throttling(rate_per_second=value))),
        (1, 10_000),
        (0, 10_001),
    ),
    "api.throttling.burst": (
        lambda value: replace(GOOD, api=ApiConfig(throttling=Throttling(burst=value))),
        (1, 10_000),
        (0, 10_001),
    ),
    "api.latency_ms": (
        lambda value: replace(GOOD, api=ApiConfig(latency_ms=value)), (1, 29_000), (0, 29_001),
    ),
    "api.fallback_percent": (
        lambda value: replace(GOOD, api=ApiConfig(fallback_percent=value)),
        (OVER_0, 100),
        (0, nextafter(100, 101)),
    ),
    "api.authorization.user_claim": (
        lambda value: replace(
            GOOD,
            api=ApiConfig(
                authorization=JwtAuthorization(
                    issuer="https://a.example.com", audience=("web",), user_claim="a" * value
                )
            ),
        ),
        (1, 128),
        (0, 129),
    ),
    "notifications.expression": (
        lambda value: replace(GOOD, notifications=Notifying(expression=f"rate({value} minutes)")),
        (7 * 24 * 60,),
        (7 * 24 * 60 - 1,),
    ),
    "notifications.sender.name": (
        lambda value: replace(
            GOOD, notifications=Notifying(sender=EmailSender(name="a" * value, address="a@example.com"))
        ),
        (1, 64),
        (0, 65),
    ),
}  # fmt: skip


@pytest.mark.parametrize("field", STAGE)
def test_a_stage_may_go_to_its_limits_and_no_further(field: str) -> None:
    change, accepted, refused = STAGE[field]

    def broken(value: Any) -> set[str]:
        rules = (stage_problems, api_problems, notifying_problems)
        stage = change(value)
        return fields_of(region_problems((stage,), ())).union(*(fields_of(rule(stage)) for rule in rules))

    assert [value for value in accepted if field in broken(value)] == []
    assert [value for value in refused if field not in broken(value)] == []


@pytest.mark.parametrize("hours", [24, 25])
def test_a_generation_lives_for_four_intervals(hours: int) -> None:
    stage = replace(GOOD, schedule=Schedule(expression=f"rate({hours} hours)"), generation_days=4)

    assert ("generation_days" in fields_of(stage_problems(stage))) is (hours > 24)


STORED = next(case for case in USE_CASES if case.name == NOTIFICATIONS[0].use_case).recommendations
NOTIFICATION: dict[str, tuple[Any, Values, Values]] = {
    "name": (lambda value: {"name": "a" * value}, (1, 32), (0, 33)),
    "email_items": (lambda value: {"email_items": value}, (1, STORED), (0, STORED + 1)),
    "users_per_shard": (lambda value: {"users_per_shard": value}, (1, 10_000), (0, 10_001)),
    "concurrency": (lambda value: {"concurrency": value}, (1, 1_000), (0, 1_001)),
    "inbox_days": (lambda value: {"inbox_days": value}, (14, 365), (13, 366)),
}


@pytest.mark.parametrize("field", NOTIFICATION)
def test_a_notification_may_go_to_its_limits_and_no_further(field: str) -> None:
    change, accepted, refused = NOTIFICATION[field]

    def broken(value: Any) -> set[str]:
        return fields_of(notification_problems([replace(NOTIFICATIONS[0], **change(value))], USE_CASES))

    assert [value for value in accepted if field in broken(value)] == []
    assert [value for value in refused if field not in broken(value)] == []


GOAL = 0.03
TRACKING: dict[str, tuple[Any, Values, Values]] = {
    "tracking.trained_days": (lambda value: {"trained_days": value}, (1, 400), (0, 401)),
    "tracking.conversion.goal": (
        lambda value: {"conversion": Conversion(goal=value, floor=0)}, (OVER_0, UNDER_1), (0, 1),
    ),
    "tracking.conversion.floor": (
        lambda value: {"conversion": Conversion(goal=GOAL, floor=value)},
        (0, GOAL),
        (UNDER_0, nextafter(GOAL, 1)),
    ),
    "tracking.conversion.minimum_impressions": (
        lambda value: {"conversion": Conversion(goal=GOAL, floor=0, minimum_impressions=value)}, (1,), (0,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("field", TRACKING)
def test_tracking_may_go_to_its_limits_and_no_further(good: UseCase, field: str) -> None:
    change, accepted, refused = TRACKING[field]
    tracking = Tracking(actions=("buy",), conversion=Conversion(goal=GOAL, floor=0))

    def broken(value: Any) -> set[str]:
        return fields_of(tracking_problems(replace(good, tracking=replace(tracking, **change(value)))))

    assert [value for value in accepted if field in broken(value)] == []
    assert [value for value in refused if field not in broken(value)] == []


def test_a_name_made_for_personalize_may_have_63_characters(good: UseCase) -> None:
    def longest(case: UseCase) -> list[str]:
        return [problem.rule for problem in estate_problems([GOOD], [case])]

    [told] = longest(replace(good, name="a" * 40))
    excess = int(told.split(" has ")[1].split()[0]) - 63
    assert longest(replace(good, name="a" * (40 - excess))) == []
    assert len(longest(replace(good, name="a" * (41 - excess)))) == 1


def test_five_dataset_groups_are_within_the_quota(good: UseCase) -> None:
    cases = [replace(good, name=f"films{number}") for number in range(6)]

    assert list(estate_notices([GOOD], cases[:5])) == []
    assert len(list(estate_notices([GOOD], cases))) == 1
