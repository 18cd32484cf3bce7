"""What stages and use cases must obey together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from config.derived.names import PersonalizeNames, name_in
from config.types.errors import Notice, Problem
from config.types.mistakes import must_be
from config.types.stage_config import StageConfig
from config.types.use_case import UseCase, use_cases_in

_LONGEST_NAME = 63
"""Of what is in Amazon Personalize."""
_LONGEST_MACHINE = 80
"""Of a state machine's name."""
_DATASET_GROUPS = 5
_DATASET_GROUPS_QUOTA = "L-14011066"


def estate_problems(
    stages: Sequence[StageConfig], use_cases: Sequence[UseCase], elsewhere: Sequence[str] = ()
) -> Iterator[Problem]:
    for name in _repeated([stage.name for stage in stages]):
        yield Problem(f"stage {name}", "name", name, "must be the name of one stage only")
    for name in _repeated([use_case.name for use_case in use_cases]):
        yield Problem(f"use case {name}", "name", name, "must be the name of one use case only")
    for stage in stages:
        yield from _name_problems(stage, use_cases)
    known = tuple(dict.fromkeys((*(stage.name for stage in stages), *elsewhere)))
    for use_case in use_cases:
        for field, named in _stages_named(use_case):
            for name in named:
                if name not in known:
                    rule = must_be("a stage", name, known)
                    yield Problem(f"use case {use_case.name}", field, name, rule)


def _stages_named(use_case: UseCase) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By whose field: where something answers in real time."""
    if use_case.personalize and use_case.personalize.campaign:
        yield "variants[personalize].campaign.stages", use_case.personalize.campaign.stages
    if use_case.own and use_case.own.realtime:
        yield "variants[own].realtime.stages", use_case.own.realtime.stages
    for variant, server in use_case.servers.items():
        yield f"variants[{variant}].server.stages", server.stages


def _name_problems(stage: StageConfig, use_cases: Sequence[UseCase]) -> Iterator[Problem]:
    prefixes = Counter(PersonalizeNames(stage.name, use_case).prefix for use_case in use_cases)
    for use_case in use_cases:
        about = partial(Problem, f"use case {use_case.name}", "name")
        names = PersonalizeNames(stage.name, use_case)
        made = (
            names.all() if use_case.personalize else [("state machine", name_in(stage.name, use_case.name))]
        )
        most = _LONGEST_NAME if use_case.personalize else _LONGEST_MACHINE
        what, longest = max(made, key=lambda named: len(named[1]))
        if len(longest) > most:
            yield about(
                use_case.name,
                f"in {stage.name} the name of the {what}, {longest!r}, has {len(longest)} characters, "
                f"{most} at most: shorten the use case's or the stage's name",
            )
        if prefixes[names.prefix] > 1 and _is_repeated_by_version(use_case, use_cases):
            yield about(
                use_case.name, f"with its version it makes the name {names.prefix!r}, which is another's too"
            )


def _is_repeated_by_version(use_case: UseCase, use_cases: Sequence[UseCase]) -> bool:
    return [other.name for other in use_cases].count(use_case.name) == 1


def _repeated(values: Sequence[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


def estate_notices(stages: Sequence[StageConfig], use_cases: Sequence[UseCase]) -> Iterator[Notice]:
    """Stages that share account and region share its quota of dataset groups."""
    places: dict[tuple[str, str], list[str]] = {}
    for stage in stages:
        for region in stage.active_regions:
            places.setdefault((stage.account, region), []).append(stage.name)
    for (account, region), names in places.items():
        needed = sum(
            use_case.personalize is not None
            for name in names
            for use_case in use_cases_in(name, region, use_cases)
        )
        if needed > _DATASET_GROUPS:
            yield Notice(
                "recommendations:dataset-group-quota",
                tuple(names),
                f"{needed} dataset groups are needed in account {account}, region {region} "
                f"({', '.join(names)}), and the default quota is {_DATASET_GROUPS}: ask for more of "
                f"quota {_DATASET_GROUPS_QUOTA} (Amazon Personalize) before deploying",
            )
