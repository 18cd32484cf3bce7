"""Rules of regions: what each role needs, each broken alone."""

from dataclasses import replace
from typing import Any

import pytest

from config.rules import check
from config.rules.regions import PERSONALIZE_REGIONS
from config.schema import EmailSender, Notifying, PushApplication, Role, StageConfig, Standby, UseCase
from config.types.errors import ConfigError
from tests.app.support.good_stage import DATABASE, GOOD

FRANKFURT = "eu-central-1"
SENDER = EmailSender(name="Community", address="a@example.com")
PUSH = {
    region: (
        PushApplication(platform="android", arn=f"arn:aws:sns:{region}:123456789012:app/GCM/a"),
        PushApplication(platform="ios", arn=f"arn:aws:sns:{region}:123456789012:app/APNS/a"),
    )
    for region in (GOOD.region, FRANKFURT)
}
STANDBY = Standby(
    region=FRANKFURT,
    database=replace(DATABASE, availability_zones=(f"{FRANKFURT}a", f"{FRANKFURT}b")),
    sender=SENDER,
    push=PUSH[FRANKFURT],
)
STAGE = replace(
    GOOD,
    replica_regions=("eu-west-2",),
    standby_regions=(STANDBY,),
    notifications=Notifying(sender=SENDER, push=PUSH[GOOD.region]),
)


def with_standby(**changes: Any) -> StageConfig:
    return replace(STAGE, standby_regions=(replace(STANDBY, **changes),))


def problems_of(stage: StageConfig, *use_cases: UseCase) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check((stage,), use_cases)
    return [str(problem) for problem in caught.value.problems]


def test_a_stage_lists_its_regions_with_their_roles() -> None:
    assert check((STAGE,), ()) == ()

    assert STAGE.roles == {
        "eu-west-1": Role.PRIMARY,
        "eu-central-1": Role.STANDBY,
        "eu-west-2": Role.REPLICA,
    }
    assert STAGE.active_regions == ("eu-west-1", "eu-central-1")
    assert STAGE.other_regions == ("eu-central-1", "eu-west-2")


BROKEN = {
    "no database": (with_standby(database=None), "database", "must be there: queries run in the active"),
    "no sender": (with_standby(sender=None), "sender", "must be there: e-mails leave from the active"),
    "no push applications": (with_standby(push=()), "push", "must be of android and ios"),
    "one of two": (with_standby(push=PUSH[FRANKFURT][:1]), "push", "must be of android and ios"),
    "a database nobody has": (
        replace(STAGE, database=None, notifications=None, standby_regions=(Standby(region=FRANKFURT,
                database=STANDBY.database),)),
        "database",
        "must be None, as the stage's",
    ),
    "a sender of nobody": (
        replace(with_standby(push=()), notifications=None),
        "sender",
        "must be None, as the stage's",
    ),
    "push of nobody": (
        replace(with_standby(sender=None), notifications=None),
        "push",
        "must be empty, as the stage's",
    ),
    "zones of the primary": (
        with_standby(database=DATABASE),
        "database.availability_zones",
        "must be a zone of eu-central-1",
    ),
    "a bad address": (
        with_standby(sender=replace(SENDER, address="nobody")),
        "sender.address",
        "must be an e-mail address",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("stage", "field", "rule"), BROKEN.values(), ids=BROKEN)
def test_what_a_standby_lacks_is_named(stage: StageConfig, field: str, rule: str) -> None:
    problems = set(problems_of(stage))

    assert {problem.split(": ")[0] for problem in problems} == {f"stage test, standby_regions[0].{field}"}
    assert all(rule in problem for problem in problems)


def test_a_standby_without_anything_hears_of_everything_at_once() -> None:
    problems = problems_of(replace(STAGE, standby_regions=(Standby(region=FRANKFURT),)))

    assert [problem.split(": ")[0].rpartition(".")[2] for problem in problems] == [
        "database",
        "sender",
        "push",
    ]


def test_push_applications_of_another_region_are_refused() -> None:
    problems = problems_of(with_standby(push=PUSH[GOOD.region]))

    assert len(problems) == 2
    assert all("standby_regions[0].push.arn" in problem for problem in problems)
    assert all("a platform application of 123456789012 in eu-central-1" in problem for problem in problems)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"standby_regions": (STANDBY, STANDBY)}, "must not be named twice"),
        ({"replica_regions": (FRANKFURT,)}, "a standby serves too: name it there only"),
        ({"standby_regions": (replace(STANDBY, region="frankfurt"),)}, "the name of an AWS region"),
        ({"standby_regions": (replace(STANDBY, region=GOOD.region),)}, "cannot be its own standby"),
    ],
)
def test_a_region_has_one_role(changes: dict[str, Any], rule: str) -> None:
    assert any(rule in problem for problem in problems_of(replace(STAGE, **changes)))


def test_whoever_may_be_active_has_personalize_as_long_as_a_use_case_needs_it(good: UseCase) -> None:
    zones = ("eu-west-2a", "eu-west-2b")
    standby = Standby(region="eu-west-2", database=replace(DATABASE, availability_zones=zones))
    stage = replace(GOOD, replica_regions=(), standby_regions=(standby,))

    [problem] = problems_of(stage, good)

    assert problem.startswith(
        "stage test, standby_regions[0].region: 'eu-west-2': must have Amazon Personalize"
    )
    assert all(region in problem for region in PERSONALIZE_REGIONS)
    assert check((stage,), ()) == ()
