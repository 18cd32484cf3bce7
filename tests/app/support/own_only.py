"""A stage on the local cloud without the variant `personalize`: own in real time, own alone, own beside a
heuristic, with fatigue.
"""

from dataclasses import replace
from pathlib import Path

from app import build_app
from config.schema import Fatigue, Heuristic, Own, OwnRealtime, Realtime, StageConfig, UseCase, Variant
from config.use_cases import USE_CASES
from review.reading.templates import Template, templates_of
from tests.app.support.business.stages import LOCAL
from tests.app.support.snapshots import NO_BUNDLING

MEMORY_MB = 1024
BUDGET_MS = 400
OWN_STAGE: StageConfig = replace(LOCAL, name="own", notifications=None, alarm_emails=())
_VARIANTS: dict[str, tuple[Variant, ...]] = {
    "training_programs": (
        Own(memory_mb=MEMORY_MB, realtime=OwnRealtime(stages=(OWN_STAGE.name,), memory_mb=MEMORY_MB)),
    ),
    "similar_programs": (Own(algorithm="ease", memory_mb=MEMORY_MB, lists_for_items=True),),
    "users_to_follow": (
        Own(algorithm="svd", memory_mb=2 * MEMORY_MB),
        Heuristic(columns=("AGE", "COUNTRY"), memory_mb=MEMORY_MB // 2),
    ),
}


def _own(use_case: UseCase) -> UseCase:
    changed = replace(use_case, variants=_VARIANTS[use_case.name])
    assert changed.endpoint and changed.own
    realtime = Realtime(budget_ms=BUDGET_MS) if changed.own.realtime else None
    return replace(
        changed,
        endpoint=replace(changed.endpoint, realtime=realtime),
        caps=() if realtime else changed.caps,
        fatigue=Fatigue() if changed.name == "users_to_follow" else None,
    )


OWN_USE_CASES: tuple[UseCase, ...] = tuple(
    _own(use_case) for use_case in USE_CASES if use_case.name in _VARIANTS
)


def synthesise_own(folder: Path) -> dict[str, Template]:
    """Every stack by its name; the folder holds what the synth leaves."""
    build_app((OWN_STAGE,), OWN_USE_CASES, (), outdir=str(folder), context=NO_BUNDLING).synth()
    return templates_of(folder)
