"""A stage on the local cloud whose use cases have several variants, and the same without one of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app import build_app
from config.schema import Campaign, Heuristic, Own, Personalize, StageConfig, UseCase, Variant
from config.use_cases import USE_CASES
from review.reading.templates import Template, templates_of
from tests.app.support.business.stages import LOCAL
from tests.app.support.snapshots import NO_BUNDLING

BESIDE_STAGE: StageConfig = replace(LOCAL, name="beside", notifications=None, alarm_emails=())
_CAMPAIGN = Campaign(stages=(BESIDE_STAGE.name,))
_OWN = Own(algorithm="ease", memory_mb=1024)
_VARIANTS: dict[str, tuple[Variant, ...]] = {
    "posts": (Personalize(campaign=_CAMPAIGN), _OWN, Heuristic()),
    "training_programs": (
        _OWN,
        Personalize(campaign=replace(_CAMPAIGN, idle_days=0)),
        Heuristic(columns=("AGE", "COUNTRY")),
    ),
    "similar_programs": (Personalize(recipe="aws-similar-items"), replace(_OWN, lists_for_items=True)),
}
_LIMITS: dict[str, dict[str, Any]] = {
    "posts": {"run_limit": 25.0},
    "similar_programs": {"monthly_limit": 500.0},
}
BESIDE_USE_CASES: tuple[UseCase, ...] = tuple(
    replace(use_case, variants=_VARIANTS[use_case.name], **_LIMITS.get(use_case.name, {}))
    for use_case in USE_CASES
    if use_case.name in _VARIANTS
)


def without(variant: type[Variant]) -> tuple[UseCase, ...]:
    """The same use cases, each without this variant."""
    return tuple(
        replace(case, variants=tuple(one for one in case.variants if not isinstance(one, variant)))
        for case in BESIDE_USE_CASES
    )


def synthesise_beside(folder: Path, use_cases: Sequence[UseCase] = BESIDE_USE_CASES) -> dict[str, Template]:
    """Every stack by its name; the folder holds what the synth leaves."""
    build_app((BESIDE_STAGE,), use_cases, (), outdir=str(folder), context=NO_BUNDLING).synth()
    return templates_of(folder)
