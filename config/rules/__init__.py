"""Every rule that can be checked before anything is deployed."""

from collections.abc import Iterator, Sequence

from config.rules.comparison import comparison_problems
from config.rules.datasets import dataset_problems
from config.rules.estate import estate_notices, estate_problems
from config.rules.kinds import kind_problems
from config.rules.models import model_problems
from config.rules.notifications import notification_problems, notifying_problems
from config.rules.overrides import override_problems, told_problems
from config.rules.queries import query_problems
from config.rules.ramp import ramp_estate_problems, ramp_problems
from config.rules.regions import region_problems
from config.rules.routing import routing_problems
from config.rules.servers import server_problems
from config.rules.serving import api_problems, endpoint_problems, path_problems
from config.rules.stages import stage_notices, stage_problems
from config.rules.tracking import tracking_problems
from config.rules.use_cases import use_case_problems
from config.rules.variants import variant_problems
from config.types.errors import ConfigError, Notice, Problem
from config.types.notification import Notification
from config.types.stage_config import StageConfig
from config.types.use_case import UseCase


def check(
    stages: Sequence[StageConfig],
    use_cases: Sequence[UseCase],
    notifications: Sequence[Notification] = (),
    *,
    elsewhere: Sequence[str] = (),
) -> tuple[Notice, ...]:
    """What is worth a warning.

    elsewhere: names of stages that use cases may speak of, besides those that are checked.
    Raises: ConfigError, with all problems of everything; if values are not even of the right types, with all
    problems of that sort.
    """
    kinds = tuple(_kinds(stages, use_cases, notifications))
    problems = kinds or tuple(_problems(stages, use_cases, notifications, elsewhere))
    if problems:
        raise ConfigError(problems)
    return (*estate_notices(stages, use_cases), *stage_notices(stages))


def _kinds(
    stages: Sequence[StageConfig], use_cases: Sequence[UseCase], notifications: Sequence[Notification]
) -> Iterator[Problem]:
    for title, values in (("stage", stages), ("use case", use_cases), ("notification", notifications)):
        for value in values:
            yield from kind_problems(f"{title} {value.name}", value)


def _problems(
    stages: Sequence[StageConfig],
    use_cases: Sequence[UseCase],
    notifications: Sequence[Notification],
    elsewhere: Sequence[str],
) -> Iterator[Problem]:
    for stage in stages:
        yield from stage_problems(stage)
        yield from api_problems(stage)
        yield from routing_problems(stage)
        yield from notifying_problems(stage)
    for use_case in use_cases:
        yield from _of_use_case(use_case)
    yield from override_problems(stages, use_cases, _of_use_case, elsewhere)
    yield from told_problems(stages, use_cases, notifications)
    yield from estate_problems(stages, use_cases, elsewhere)
    yield from ramp_estate_problems(stages, use_cases, elsewhere)
    yield from region_problems(stages, use_cases)
    yield from server_problems(stages, use_cases)
    yield from path_problems(use_cases)
    yield from notification_problems(notifications, use_cases)


def _of_use_case(use_case: UseCase) -> Iterator[Problem]:
    """By itself."""
    yield from use_case_problems(use_case)
    yield from variant_problems(use_case)
    yield from comparison_problems(use_case)
    yield from model_problems(use_case)
    yield from dataset_problems(use_case)
    yield from query_problems(use_case)
    yield from endpoint_problems(use_case)
    yield from tracking_problems(use_case)
    yield from ramp_problems(use_case)
