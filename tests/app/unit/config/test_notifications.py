"""Rules of notifications, each broken alone."""

from dataclasses import replace
from typing import Any

import pytest

from config.notifications import NOTIFICATIONS
from config.rules import check
from config.rules.notifications import notifying_problems
from config.types.errors import ConfigError
from config.types.notification import Notification, Notifying, PushApplication
from config.use_cases import USE_CASES
from tests.app.support.business.stages import STAGES
from tests.app.support.good_stage import GOOD as GOOD_STAGE

GOOD = NOTIFICATIONS[0]


def problems_of(*notifications: Notification) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(STAGES, USE_CASES, notifications)
    return [str(problem) for problem in caught.value.problems]


BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "name of a use case": ({"name": "posts"}, "name", "must not be the name of a use case"),
    "name with a hyphen": ({"name": "my-programs"}, "name", "joined by _"),
    "name too long": ({"name": "a" * 33}, "name", "32 characters at most"),
    "no such use case": ({"use_case": "films"}, "use_case", "must be one of posts"),
    "more than is stored": ({"email_items": 1_000}, "email_items", "that are stored"),
    "address without the item": ({"item_url": "https://example.com/"}, "item_url", "have {item} in it"),
    "empty shards": ({"users_per_shard": 0}, "users_per_shard", "from 1 to 10000"),
    "inbox of a week": ({"inbox_days": 7}, "inbox_days", "from 14 to 365"),
    "text for a number": ({"concurrency": "10"}, "concurrency", "a whole number"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_rule_of_a_notification_is_named(broken: str) -> None:
    changes, field, rule = BROKEN[broken]
    changed = replace(GOOD, **changes)

    [found] = problems_of(changed)

    assert found.startswith(f"notification {changed.name}, {field}: ")
    assert rule in found


@pytest.mark.parametrize("text", ["", " ", "New: {name}", "New: {title} {", "{title} {body}"])
@pytest.mark.parametrize("field", ["push_title", "push_body", "inbox_title", "inbox_body", "subject"])
def test_a_text_that_is_empty_or_has_another_placeholder_is_named(field: str, text: str) -> None:
    changes: dict[str, Any] = {field: text}
    changed = replace(GOOD, languages={"en": replace(GOOD.languages["en"], **changes)})

    [found] = problems_of(changed)

    assert f"languages.en.{field}" in found
    assert "must not be empty, and may have no other placeholder than {title}" in found


IOS = "arn:aws:sns:eu-west-1:111111111111:app/APNS/shop"
ANDROID = "arn:aws:sns:eu-west-1:111111111111:app/GCM/shop"
PUSH: dict[str, tuple[tuple[tuple[str, str], ...], list[str]]] = {
    "one of each": ((("ios", IOS), ("android", ANDROID)), []),
    "twice": ((("ios", IOS), ("ios", IOS + "2")), ["platform must not be named twice"] * 2),
    "unknown": ((("windows", IOS),), ["platform must be one of"]),
    "of another kind": ((("android", IOS),), ["arn must be of GCM"]),
    "elsewhere": (
        (("ios", IOS.replace("west", "north")),),
        ["arn must be the ARN of a platform application"],
    ),
}


@pytest.mark.parametrize("name", PUSH)
def test_push_applications_are_one_per_platform_and_of_the_stage_s_account_and_region(name: str) -> None:
    given, rules = PUSH[name]
    push = tuple(PushApplication(platform=platform, arn=arn) for platform, arn in given)
    stage = replace(GOOD_STAGE, account="1" * 12, region="eu-west-1", notifications=Notifying(push=push))

    told = [
        f"{problem.field.rpartition('.')[2]} {problem.rule}"
        for problem in notifying_problems(stage)
        if ".push." in problem.field
    ]

    assert len(told) == len(rules)
    assert all(found.startswith(rule) for found, rule in zip(told, rules, strict=True))


def test_a_notification_s_name_is_used_once() -> None:
    assert all("name of one notification only" in found for found in problems_of(GOOD, GOOD))
