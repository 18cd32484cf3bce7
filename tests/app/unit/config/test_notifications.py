"""Rules of notifications, each broken alone."""

from dataclasses import replace
from typing import Any

import pytest

from config.notifications import NOTIFICATIONS
from config.rules import check
from config.stages import STAGES
from config.types.errors import ConfigError
from config.types.notification import Notification
from config.use_cases import USE_CASES

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


def test_a_notification_s_name_is_used_once() -> None:
    assert all("name of one notification only" in found for found in problems_of(GOOD, GOOD))
