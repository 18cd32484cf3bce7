"""A stage on the local cloud in which one use case has a ramp."""

from dataclasses import replace
from pathlib import Path

from app import build_app
from config.schema import Own, Personalize, Ramp, StageConfig, UseCase
from config.use_cases import USE_CASES
from review.reading.templates import Template, templates_of
from tests.app.support.business.stages import LOCAL
from tests.app.support.snapshots import NO_BUNDLING

RAMP_STAGE: StageConfig = replace(LOCAL, name="ramp", notifications=None, alarm_emails=())
RAMP_USE_CASES: tuple[UseCase, ...] = tuple(
    replace(
        case,
        variants=(case.personalize or Personalize(), Own()),
        ramp=Ramp(stages=("ramp",), people=10_000) if case.name == "posts" else None,
    )
    for case in USE_CASES
    if case.name in ("posts", "users_to_follow")
)


STACK = f"{RAMP_STAGE.id_in(RAMP_STAGE.region)}-Experiments"


def hurried(use_case: UseCase) -> UseCase:
    """Looks every five minutes, and no step lasts any time."""
    assert use_case.ramp
    steps = tuple(replace(step, hours=0) for step in use_case.ramp.steps)
    return replace(use_case, ramp=replace(use_case.ramp, poll_minutes=5, steps=steps))


def synthesise_ramped(folder: Path, use_cases: tuple[UseCase, ...] = RAMP_USE_CASES) -> dict[str, Template]:
    """Every stack by its name; the folder holds what the synth leaves."""
    build_app((RAMP_STAGE,), use_cases, (), outdir=str(folder), context=NO_BUNDLING).synth()
    return templates_of(folder)
