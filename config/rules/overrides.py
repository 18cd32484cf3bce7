"""What is otherwise in some stages or regions: where that may be, and that it obeys the rules there."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from config.types.errors import Problem
from config.types.mistakes import must_be
from config.types.notification import Notification
from config.types.stage_config import StageConfig
from config.types.use_case import UseCase

Rules = Callable[[UseCase], Iterator[Problem]]


def override_problems(
    stages: Sequence[StageConfig], use_cases: Sequence[UseCase], rules: Rules, elsewhere: Sequence[str] = ()
) -> Iterator[Problem]:
    """rules: of a use case by itself. elsewhere: names of stages besides those that are checked."""
    for use_case in use_cases:
        yield from _of_fields(use_case, stages, elsewhere)
        said = {(problem.field, problem.rule) for problem in rules(use_case)}
        seen = {use_case}
        for stage in stages:
            for region in stage.regions:
                there = use_case.in_place(stage.name, region)
                if there is None or there in seen or not use_case.overrides:
                    continue
                seen.add(there)
                for problem in rules(there):
                    if (problem.field, problem.rule) not in said:
                        subject = f"use case {use_case.name} in {stage.name}, {region}"
                        yield Problem(subject, problem.field, problem.value, problem.rule)


def told_problems(
    stages: Sequence[StageConfig], use_cases: Sequence[UseCase], notifications: Sequence[Notification]
) -> Iterator[Problem]:
    """Whoever notifies needs the lists."""
    by_name = {use_case.name: use_case for use_case in use_cases}
    for stage in stages:
        for notification in notifications if stage.notifications else ():
            use_case = by_name.get(notification.use_case)
            for region in stage.active_regions if use_case else ():
                if use_case and use_case.in_place(stage.name, region) is None:
                    rule = f"is not there in {stage.name}, {region}, where {notification.name} tells of it"
                    about = f"notification {notification.name}"
                    yield Problem(about, "use_case", notification.use_case, rule)


def _of_fields(
    use_case: UseCase, stages: Sequence[StageConfig], elsewhere: Sequence[str]
) -> Iterator[Problem]:
    for number, override in enumerate(use_case.overrides):
        about = partial(Problem, f"use case {use_case.name}")
        within = f"overrides[{number}]"
        changes = [name for name, dataset in override.datasets.items() if dataset is not None]
        if not override.stages and not override.regions:
            yield about(within, override, "must say in which stages or regions")
        if override.absent and changes:
            yield about(f"{within}.absent", True, f"nothing is there whose {changes[0]} could be others")
        if not override.absent and not changes:
            yield about(within, override, "must change something: a dataset, or absent=True")
        known = {*elsewhere, *(stage.name for stage in stages)}
        for name in override.stages:
            if name not in known:
                yield about(f"{within}.stages", name, must_be("a stage", name, sorted(known)))
        checked = [stage for stage in stages if not override.stages or stage.name in override.stages]
        regions = {region for stage in checked for region in stage.regions}
        whole = known == {stage.name for stage in stages} and checked
        for region in override.regions:
            if whole and region not in regions:
                listed = ", ".join(sorted(regions))
                yield about(f"{within}.regions", region, f"must be a region of such a stage: {listed}")
