"""Which regions a stage may have, and what each must have of its own."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from config.rules.databases import database_problems
from config.rules.notifications import push_problems, sender_problems
from config.types.errors import Problem
from config.types.stage_config import StageConfig, Standby
from config.types.use_case import UseCase, use_cases_in

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

_REGION = re.compile(
    r"(af|ap|ca|eu|il|me|mx|sa|us)-(central|north|northeast|northwest|south|southeast|southwest|east|west)-\d"
)


def region_problems(stages: Sequence[StageConfig], use_cases: Sequence[UseCase]) -> Iterator[Problem]:
    """Whoever may be active trains, in Amazon Personalize too if a use case has a model there."""
    for stage in stages:
        yield from _names(stage)
        yield from _without_personalize(stage, use_cases)
        if stage.database is not None:
            yield from database_problems(stage, stage.database, stage.region)
        for number, standby in enumerate(stage.standby_regions):
            yield from _of_standby(stage, standby, f"standby_regions[{number}]")


def _names(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    standbys = stage.active_regions[1:]
    listed = (("region", (stage.region,)), ("replica_regions", stage.replica_regions))
    for field, regions in (*listed, ("standby_regions", standbys)):
        for region in regions:
            if not _REGION.fullmatch(region):
                yield about(field, region, "must be the name of an AWS region, for example eu-west-1")
        for region in _repeated(regions):
            yield about(field, region, "must not be named twice")
    if stage.region in stage.replica_regions:
        yield about("replica_regions", stage.region, "the primary region cannot be its own replica")
    if stage.region in standbys:
        yield about("standby_regions", stage.region, "the primary region cannot be its own standby")
    for region in sorted({*stage.replica_regions} & {*standbys}):
        yield about("replica_regions", region, "a standby serves too: name it there only")


def _without_personalize(stage: StageConfig, use_cases: Sequence[UseCase]) -> Iterator[Problem]:
    for number, region in enumerate(stage.active_regions):
        there = use_cases_in(stage.name, region, use_cases)
        if region not in PERSONALIZE_REGIONS and any(use_case.personalize for use_case in there):
            yield Problem(
                f"stage {stage.name}",
                f"standby_regions[{number - 1}].region" if number else "region",
                region,
                f"must have Amazon Personalize, which is in {', '.join(PERSONALIZE_REGIONS)}, "
                "as long as a use case has the variant personalize",
            )


def _of_standby(stage: StageConfig, standby: Standby, within: str) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    if standby.database is not None:
        field = f"{within}.database"
        yield from database_problems(stage, standby.database, standby.region, field=field)
    if (standby.database is None) != (stage.database is None):
        rule = "must be there: queries run in the active region" if stage.database else "must be None"
        yield about(f"{within}.database", standby.database, f"{rule}, as the stage's")
    notifying = stage.notifications
    sender, push = (notifying.sender, notifying.push) if notifying else (None, ())
    if (standby.sender is None) != (sender is None):
        rule = "must be there: e-mails leave from the active region" if sender else "must be None"
        yield about(f"{within}.sender", standby.sender, f"{rule}, as the stage's")
    platforms, wanted = ({application.platform for application in some} for some in (standby.push, push))
    if platforms != wanted:
        rule = f"must be of {' and '.join(sorted(wanted))}" if wanted else "must be empty"
        yield about(f"{within}.push", sorted(platforms), f"{rule}, as the stage's")
    yield from sender_problems(stage, standby.sender, f"{within}.sender")
    yield from push_problems(stage, standby.push, standby.region, f"{within}.push")


def _repeated(values: Iterable[str]) -> list[str]:
    values = list(values)
    return sorted({value for value in values if values.count(value) > 1})
