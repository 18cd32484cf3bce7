"""What a delivery must obey: each mistake is told with its field, all at once."""

from dataclasses import replace
from typing import Any, cast

import pytest

from config.rules.delivery import delivery_problems
from config.types.delivery import Delivery, GitHub, GitLab, Target
from config.types.errors import ConfigError
from delivery.ground.places import checked
from tests.app.support.business.delivery import DELIVERY
from tests.app.support.business.stages import STAGES


def told(delivery: Delivery) -> dict[str, str]:
    """Rules by what is wrong and its field."""
    return {f"{one.subject}, {one.field}": one.rule for one in delivery_problems(delivery, STAGES)}


def test_a_value_of_a_wrong_type_is_told_before_any_rule_trips_over_it() -> None:
    wrong: Any = (Target(stage="dev", bake_minutes=cast(Any, "5")), Target(stage="qa"))

    with pytest.raises(ConfigError) as caught:
        checked(Delivery(targets=wrong))

    [problem] = caught.value.problems
    assert str(problem) == "delivery, targets[0].bake_minutes: '5': must be a whole number"


def test_all_that_is_wrong_with_a_delivery_is_said_at_once() -> None:
    wrong = Delivery(
        targets=(
            Target(stage="prod", bake_minutes=46),
            Target(stage="dev"),
            Target(stage="local"),
            Target(stage="qa"),
        ),
        github=GitHub(repository="no slash", branch="main'"),
        gitlab=GitLab(project="name", host="https://x", branch=""),
    )

    assert told(wrong) == {
        "delivery to prod, bake_minutes": "must be from 0 to 45: credentials last an hour",
        "delivery to local, stage": "must not be a stage of somebody's own machine",
        "delivery to qa, stage": "must be one of dev, staging, prod, local",
        "delivery, targets": "must be in the order development, staging, production",
        "delivery, github.repository": "must be owner/name",
        "delivery, github.branch": "must be the plain name of a branch",
        "delivery, gitlab.project": "must be a path such as group/name",
        "delivery, gitlab.host": "must be a name such as gitlab.com",
        "delivery, gitlab.branch": "must be the plain name of a branch",
    }


@pytest.mark.parametrize("minutes", [0, 45])
def test_alarms_may_watch_for_as_long_as_credentials_last(minutes: int) -> None:
    assert told(DELIVERY) == {}
    assert told(Delivery(targets=(Target(stage="prod", bake_minutes=minutes),))) == {}
    assert told(Delivery(targets=(Target(stage="prod", bake_minutes=-1),))).keys() == {
        "delivery to prod, bake_minutes"
    }


def test_a_stage_is_delivered_to_once() -> None:
    twice = replace(DELIVERY, targets=(Target(stage="dev"), Target(stage="dev")))

    assert told(twice) == {"delivery, targets": "must name each stage once"}
