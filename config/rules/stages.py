"""What a stage must obey."""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from config.rules.time_zones import time_zones
from config.types.errors import Notice, Problem
from config.types.stage_config import StageConfig, Tier

_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
_ACCOUNT = re.compile(r"\d{12}")
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
    yield from _schedule_problems(stage)
    yield from _backup_problems(stage)
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


def _schedule_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    schedule = stage.schedule
    if schedule.time_zone not in time_zones():
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


def _backup_problems(stage: StageConfig) -> Iterator[Problem]:
    for name, days in (
        ("backups.record_days", stage.backups.record_days),
        ("backups.derived_days", stage.backups.derived_days),
    ):
        if not 1 <= days <= 35:
            rule = "must be from 1 to 35 days, as far as DynamoDB goes"
            yield Problem(f"stage {stage.name}", name, days, rule)


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
