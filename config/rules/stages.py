"""What a stage must obey."""

import re
import zoneinfo
from collections.abc import Iterable, Iterator
from functools import cache, partial

from config.types.errors import Notice, Problem
from config.types.stage_config import SslMode, StageConfig, Tier

PERSONALIZE_REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-2",
)
"""Endpoints and quotas of the AWS General Reference, November 2026; China's partition is left out."""

_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
_ACCOUNT = re.compile(r"\d{12}")
_REGION = re.compile(
    r"(af|ap|ca|eu|il|me|mx|sa|us)-(central|north|northeast|northwest|south|southeast|southwest|east|west)-\d"
)
_RESOURCE_ID = r"{}-([0-9a-f]{{8}}|[0-9a-f]{{17}})"
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@\-]{1,512}")
_SECRET_SUFFIX = re.compile(r".*-[A-Za-z0-9]{6}")
_TAG_VALUE = re.compile(r"[A-Za-z0-9 _.:/=+\-@]{1,256}")
_EMAIL = re.compile(r"[^@\s,;]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+")


def stage_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    if not _NAME.fullmatch(stage.name):
        yield about("name", stage.name, "must be 1 to 16 lower-case letters and digits, a letter first")
    if not _ACCOUNT.fullmatch(stage.account):
        yield about("account", stage.account, "must be the 12 digits of an AWS account")
    if not _TAG_VALUE.fullmatch(stage.owner):
        yield about(
            "owner", stage.owner, "must be 1 to 256 letters, digits, blanks and _.:/=+-@, as a tag value"
        )
    if stage.protected and not stage.keeps_data:
        yield about("protected", True, f"must be False: a stage of the tier {stage.tier} keeps no data")
    yield from _region_problems(stage)
    yield from _schedule_problems(stage)
    yield from _database_problems(stage)
    yield from _people_problems(stage)


def stage_notices(stages: Iterable[StageConfig]) -> Iterator[Notice]:
    for stage in stages:
        if stage.keeps_data and not stage.protected:
            yield Notice(
                "recommendations:not-protected",
                (stage.name,),
                f"the stage {stage.name} keeps its data, yet stacks and tables can be deleted: give it "
                "protected=True once its first deployment has succeeded (docs/production.md)",
            )


def _region_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    if stage.region not in PERSONALIZE_REGIONS:
        yield about(
            "region",
            stage.region,
            f"must have Amazon Personalize, which is in {', '.join(PERSONALIZE_REGIONS)}",
        )
    for region in stage.replica_regions:
        if not _REGION.fullmatch(region):
            yield about("replica_regions", region, "must be the name of an AWS region, for example eu-west-1")
    if stage.region in stage.replica_regions:
        yield about("replica_regions", stage.region, "the primary region cannot be its own replica")
    for region in _repeated(stage.replica_regions):
        yield about("replica_regions", region, "must not be named twice")


def _schedule_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    schedule = stage.schedule
    if schedule.time_zone not in _time_zones():
        yield about("schedule.time_zone", schedule.time_zone, "must be a time zone of the IANA database")
    if not 1 <= stage.shards_at_once <= 1000:
        yield about("shards_at_once", stage.shards_at_once, "must be from 1 to 1000 function calls")
    if not 1 <= stage.generation_days <= 365:
        yield about("generation_days", stage.generation_days, "must be from 1 to 365 days")
    try:
        gaps = schedule.gaps
    except ValueError as error:
        yield about("schedule.expression", schedule.expression, str(error))
        return
    if gaps.shortest_minutes < 60:
        yield about(
            "schedule.expression",
            schedule.expression,
            "runs must be at least an hour apart: each trains anew",
        )
    # Data that does not change is not trained on again before half of the retention is over; from
    # then on, two runs may still fail before readers are left with nothing.
    if stage.generation_days * 24 < 4 * schedule.interval_hours:
        yield about(
            "generation_days",
            stage.generation_days,
            f"must be at least four times the {schedule.interval_hours} hours between two runs, "
            "or recommendations expire before the next ones are in",
        )


def _database_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    database = stage.database
    if database is None:
        return
    ids = (
        ("database.vpc_id", "vpc", (database.vpc_id,)),
        ("database.subnet_ids", "subnet", database.subnet_ids),
        ("database.security_group_id", "sg", (database.security_group_id,)),
    )
    for field, kind, values in ids:
        for value in values:
            if not re.fullmatch(_RESOURCE_ID.format(kind), value):
                yield about(field, value, f"must be {kind}- and 8 or 17 hexadecimal digits")
    if not database.subnet_ids:
        yield about("database.subnet_ids", database.subnet_ids, "must name at least one subnet")
    if len(database.availability_zones) != len(database.subnet_ids):
        yield about(
            "database.availability_zones",
            database.availability_zones,
            f"must name one zone for each of the {len(database.subnet_ids)} subnets, in the same order",
        )
    for zone in database.availability_zones:
        if not re.fullmatch(re.escape(stage.region) + "[a-z]", zone):
            yield about("database.availability_zones", zone, f"must be a zone of {stage.region}")
    for subnet in _repeated(database.subnet_ids):
        yield about("database.subnet_ids", subnet, "must not be named twice")
    if not _SECRET_NAME.fullmatch(database.secret_name):
        yield about(
            "database.secret_name", database.secret_name, "must be 1 to 512 letters, digits and /_+=.@-"
        )
    elif _SECRET_SUFFIX.fullmatch(database.secret_name):
        yield about(
            "database.secret_name",
            database.secret_name,
            "must not end in a hyphen and six characters, which Secrets Manager takes for its own suffix",
        )
    if stage.tier is not Tier.DEVELOPMENT and database.ssl_mode in (SslMode.DISABLE, SslMode.PREFER):
        yield about(
            "database.ssl_mode",
            database.ssl_mode.value,
            f"must be require or verify-full in the tier {stage.tier}: personal data crosses the network",
        )


def _people_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    days = stage.audience.active_within_days
    if days is not None and not 1 <= days <= 3650:
        yield about("audience.active_within_days", days, "must be from 1 to 3650 days, or None for everyone")
    for email in stage.alarm_emails:
        if not _EMAIL.fullmatch(email):
            yield about("alarm_emails", email, "must be an e-mail address")
    for email in _repeated(stage.alarm_emails):
        yield about("alarm_emails", email, "must not be named twice")
    if stage.tier is Tier.PRODUCTION and not stage.alarm_emails:
        yield about(
            "alarm_emails", stage.alarm_emails, "must name somebody who hears of failures in production"
        )


def _repeated(values: Iterable[str]) -> list[str]:
    values = list(values)
    return sorted({value for value in values if values.count(value) > 1})


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
