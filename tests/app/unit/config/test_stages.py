"""Rules of stages, each broken alone."""

from dataclasses import replace

import pytest

from config.rules import check
from config.schema import Audience, Notifying, Schedule, SslMode, StageConfig, Tier, UseCase
from config.types.errors import ConfigError
from tests.app.support.business.stages import STAGES
from tests.app.support.good_stage import DATABASE, GOOD, with_database, with_schedule


def problems_of(*stages: StageConfig) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check(stages, ())
    return [str(problem) for problem in caught.value.problems]


def test_a_good_stage_has_no_problems() -> None:
    assert check((GOOD,), ()) == ()


def test_a_stage_needs_no_database() -> None:
    assert check((replace(GOOD, database=None),), ()) == ()


def test_the_stages_of_this_repository_are_good() -> None:
    assert {notice.id for notice in check(STAGES, ())} <= {"recommendations:not-protected"}


@pytest.mark.parametrize(
    "region",
    "us-east-1 us-east-2 us-west-2 ca-central-1 eu-west-1 eu-central-1 ap-northeast-1 ap-northeast-2 "
    "ap-south-1 ap-southeast-1 ap-southeast-2".split(),
)
def test_every_region_of_personalize_can_be_primary(good: UseCase, region: str) -> None:
    zones = (f"{region}a", f"{region}b")
    database = replace(DATABASE, availability_zones=zones)

    check((replace(GOOD, region=region, replica_regions=(), database=database),), (good,))


BROKEN = {
    "notifications without a database": (
        replace(GOOD, database=None, notifications=Notifying()),
        "notifications",
        "without a database: who is to be told is asked of it",
    ),
    "name in capitals": (replace(GOOD, name="Test"), "name", "lower-case"),
    "name too long": (replace(GOOD, name="a" * 17), "name", "1 to 16"),
    "name empty": (replace(GOOD, name=""), "name", "1 to 16"),
    "account too short": (replace(GOOD, account="12345678901"), "account", "12 digits"),
    "account with letters": (replace(GOOD, account="12345678901x"), "account", "12 digits"),
    "owner with a line break": (replace(GOOD, owner="a\nb"), "owner", "tag value"),
    "owner empty": (replace(GOOD, owner=""), "owner", "tag value"),
    "replica is no region": (replace(GOOD, replica_regions=("frankfurt",)), "replica_regions", "AWS region"),
    "replica is primary": (replace(GOOD, replica_regions=("eu-west-1",)), "replica_regions", "own replica"),
    "replica twice": (
        replace(GOOD, replica_regions=("eu-west-2", "eu-west-2")),
        "replica_regions",
        "twice",
    ),
    "vpc": (with_database(vpc_id="vpc-123"), "database.vpc_id", "8 or 17 hexadecimal"),
    "subnet": (
        with_database(subnet_ids=("subnet-12345678", "sub-12345678")),
        "database.subnet_ids",
        "subnet-",
    ),
    "subnet twice": (
        with_database(subnet_ids=("subnet-12345678", "subnet-12345678")),
        "database.subnet_ids",
        "twice",
    ),
    "no subnets": (
        with_database(subnet_ids=(), availability_zones=()),
        "database.subnet_ids",
        "at least one",
    ),
    "security group": (
        with_database(security_group_id="subnet-12345678"),
        "database.security_group_id",
        "sg-",
    ),
    "one zone for two subnets": (
        with_database(availability_zones=("eu-west-1a",)),
        "database.availability_zones",
        "each of the 2 subnets",
    ),
    "zone of another region": (
        with_database(availability_zones=("eu-west-1a", "eu-west-2a")),
        "database.availability_zones",
        "zone of eu-west-1",
    ),
    "secret with a blank": (with_database(secret_name="my secret"), "database.secret_name", "1 to 512"),
    "secret like an ARN's end": (
        with_database(secret_name="database-AbC123"),
        "database.secret_name",
        "own suffix",
    ),
    "production without TLS": (
        with_database(ssl_mode=SslMode.PREFER),
        "database.ssl_mode",
        "require or verify-full",
    ),
    "schedule is nonsense": (with_schedule("every day"), "schedule.expression", "must be rate("),
    "schedule fires once": (with_schedule("at(2027-01-01T00:00:00)"), "schedule.expression", "must be rate("),
    "schedule too dense": (with_schedule("rate(30 minutes)"), "schedule.expression", "at least an hour"),
    "time zone": (
        replace(GOOD, schedule=Schedule(time_zone="Europe/Atlantis")),
        "schedule.time_zone",
        "IANA",
    ),
    "generations die young": (
        with_schedule("rate(7 days)", generation_days=14),
        "generation_days",
        "four times the 168 hours",
    ),
    "no shard at a time": (replace(GOOD, shards_at_once=0), "shards_at_once", "from 1 to 1000"),
    "generations live for ever": (replace(GOOD, generation_days=366), "generation_days", "1 to 365"),
    "audience of no days": (
        replace(GOOD, audience=Audience(active_within_days=0)),
        "audience.active_within_days",
        "1 to 3650",
    ),
    "e-mail": (replace(GOOD, alarm_emails=("nobody",)), "alarm_emails", "e-mail address"),
    "e-mail twice": (replace(GOOD, alarm_emails=("a@b.de", "a@b.de")), "alarm_emails", "twice"),
    "nobody hears of production": (replace(GOOD, alarm_emails=()), "alarm_emails", "hears of failures"),
}


@pytest.mark.parametrize(("stage", "field", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_of_a_stage_is_named(stage: StageConfig, field: str, rule: str) -> None:
    [problem] = problems_of(stage)

    assert problem.startswith(f"stage {stage.name}, {field}: ")
    assert rule in problem


def test_a_region_without_personalize_is_refused_with_the_regions_that_have_it(good: UseCase) -> None:
    zones = ("eu-west-2a", "eu-west-2b")
    stage = replace(GOOD, region="eu-west-2", replica_regions=())

    with pytest.raises(ConfigError) as caught:
        check((replace(stage, database=replace(DATABASE, availability_zones=zones)),), (good,))

    [problem] = map(str, caught.value.problems)

    assert problem.startswith("stage test, region: 'eu-west-2': must have Amazon Personalize")
    assert "eu-central-1" in problem


def test_development_may_do_without_tls_and_alarms() -> None:
    database = replace(DATABASE, ssl_mode=SslMode.DISABLE)

    stage = replace(GOOD, tier=Tier.DEVELOPMENT, protected=False, alarm_emails=(), database=database)
    check((stage,), ())


def test_all_problems_of_all_stages_are_told_at_once() -> None:
    first = replace(GOOD, name="first", account="1", owner="", alarm_emails=("x",))
    second = replace(GOOD, name="second", account="2", generation_days=0)

    problems = problems_of(first, second)

    assert [problem.split(":")[0] for problem in problems] == [
        "stage first, account",
        "stage first, owner",
        "stage first, alarm_emails",
        "stage second, account",
        "stage second, generation_days",
        "stage second, generation_days",
    ]


def test_a_stage_name_is_used_once() -> None:
    [problem] = problems_of(GOOD, replace(GOOD, account="210987654321"))

    assert "one stage only" in problem


def test_a_stage_that_keeps_data_is_to_be_protected_once_it_is_there() -> None:
    [notice] = check((replace(GOOD, protected=False),), ())

    assert "protected=True once its first deployment has succeeded" in notice.text


def test_a_stage_that_keeps_nothing_cannot_be_protected() -> None:
    [problem] = problems_of(replace(GOOD, tier=Tier.STAGING, protected=True))

    assert problem == "stage test, protected: True: must be False: a stage of the tier staging keeps no data"


def test_only_production_keeps_data() -> None:
    kept = {tier: replace(GOOD, tier=tier) for tier in Tier}

    assert [tier for tier, stage in kept.items() if stage.keeps_data] == [Tier.PRODUCTION]
    assert [tier for tier, stage in kept.items() if not stage.keeps_versions] == [Tier.DEVELOPMENT]
