"""Use cases and stages as they would be otherwise: another variant, audience, schedule or region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from config.derived.recipes import recommends_for_items
from config.schema import Audience, Campaign, Own, StageConfig, UseCase
from config.types.variants import Personalize
from costs.estimating.estimate import fixed_of
from costs.estimating.templates import synthesised
from costs.usage.line import Line

RELATED = "aws-similar-items"
FIRST, SECOND = "aws-user-personalization", "aws-user-personalization-v2"


def with_own(use_cases: Sequence[UseCase]) -> tuple[UseCase, ...]:
    """Each by the engine in functions, and by nothing else."""
    return tuple(
        replace(use_case, variants=(use_case.own or Own(lists_for_items=recommends_for_items(use_case)),))
        for use_case in use_cases
    )


def with_personalize(use_cases: Sequence[UseCase], recipe: str | None = None) -> tuple[UseCase, ...]:
    """Each by Amazon Personalize in batches, without campaigns. recipe: of lists for people; None: as it is
    configured, or the second generation's.
    """
    return tuple(replace(use_case, variants=(_personalize(use_case, recipe),)) for use_case in use_cases)


def with_campaigns(use_cases: Sequence[UseCase], stage: str, tps: int = 1) -> tuple[UseCase, ...]:
    """As `with_personalize`, with a campaign for each use case of lists for people."""
    found = []
    for use_case in with_personalize(use_cases):
        if not recommends_for_items(use_case):
            campaign = Campaign(stages=(stage,), min_provisioned_tps=tps)
            variant = replace(_personalize(use_case, None), campaign=campaign)
            use_case = replace(use_case, variants=(variant,))
        found.append(use_case)
    return tuple(found)


def for_whom(stage: StageConfig, *, active: bool) -> StageConfig:
    """active: lists for those only who were active lately."""
    days = stage.audience.active_within_days or 30
    return replace(stage, audience=Audience(active_within_days=days if active else None))


def scheduled(stage: StageConfig, expression: str) -> StageConfig:
    return replace(stage, schedule=replace(stage.schedule, expression=expression, enabled=True))


def in_one_region(stage: StageConfig) -> StageConfig:
    return replace(stage, replica_regions=(), standby_regions=())


def fixed_alone(stage: StageConfig) -> tuple[Line, ...]:
    """What is paid for whatever the volumes are if the stage has its first region only, counted in a synth of
    it: what watches the other regions is in the first one's templates.
    """
    alone = in_one_region(stage)
    return fixed_of(alone, synthesised(alone))


def _personalize(use_case: UseCase, recipe: str | None) -> Personalize:
    if recommends_for_items(use_case):
        return Personalize(recipe=RELATED)
    configured = use_case.personalize
    if configured and recipe is None:
        return replace(configured, campaign=None, server=None)
    return Personalize(recipe=recipe or SECOND)
