"""Every rule that can be checked before anything is deployed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TypeAlias

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

_Rule: TypeAlias = Callable[[], Iterable[Problem]]


def check(
    stages: Sequence[StageConfig],
    use_cases: Sequence[UseCase],
    notifications: Sequence[Notification] = (),
    *,
    elsewhere: Sequence[str] = (),
) -> tuple[Notice, ...]:
    """What is worth a warning.

    elsewhere: names of stages that use cases may speak of, besides those that are checked.
    Raises: ConfigError, with all problems of everything; where values are not even of the right types, with
    what can be said of the others.
    """
    kinds = tuple(_kinds(stages, use_cases, notifications))
    rules = _rules(stages, use_cases, notifications, elsewhere)
    problems = (*kinds, *_beside(kinds, rules)) if kinds else tuple(chain.from_iterable(r() for r in rules))
    if problems:
        raise ConfigError(problems)
    return (*estate_notices(stages, use_cases), *stage_notices(stages))


def _kinds(
    stages: Sequence[StageConfig], use_cases: Sequence[UseCase], notifications: Sequence[Notification]
) -> Iterator[Problem]:
    for title, values in (("stage", stages), ("use case", use_cases), ("notification", notifications)):
        for value in values:
            yield from kind_problems(f"{title} {value.name}", value)


def _beside(kinds: Sequence[Problem], rules: Iterable[_Rule]) -> Iterator[Problem]:
    """What else is wrong, as far as rules can look at values some of which are of wrong types."""
    said = {(problem.subject, problem.field) for problem in kinds}
    for rule in rules:
        try:
            yield from (problem for problem in rule() if (problem.subject, problem.field) not in said)
        except (AttributeError, LookupError, TypeError, ValueError):
            continue  # it relies on types that are wrong, which is said


def _rules(
    stages: Sequence[StageConfig],
    use_cases: Sequence[UseCase],
    notifications: Sequence[Notification],
    elsewhere: Sequence[str],
) -> Iterator[_Rule]:
    for stage in stages:
        for of_stage in (stage_problems, api_problems, routing_problems, notifying_problems):
            yield partial(of_stage, stage)
    for use_case in use_cases:
        for of_use_case in _OF_USE_CASE:
            yield partial(of_use_case, use_case)
    yield partial(override_problems, stages, use_cases, _of_use_case, elsewhere)
    yield partial(told_problems, stages, use_cases, notifications)
    yield partial(estate_problems, stages, use_cases, elsewhere)
    yield partial(ramp_estate_problems, stages, use_cases, elsewhere)
    yield partial(region_problems, stages, use_cases)
    yield partial(server_problems, stages, use_cases)
    yield partial(path_problems, use_cases)
    yield partial(notification_problems, notifications, use_cases)


_OF_USE_CASE = (
    use_case_problems,
    variant_problems,
    comparison_problems,
    model_problems,
    dataset_problems,
    query_problems,
    endpoint_problems,
    tracking_problems,
    ramp_problems,
)


def _of_use_case(use_case: UseCase) -> Iterator[Problem]:
    """By itself."""
    return chain.from_iterable(rule(use_case) for rule in _OF_USE_CASE)
