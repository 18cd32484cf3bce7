"""What is deployed in the demo of a migration: one use case, whose variants change from part to part."""

from dataclasses import replace
from pathlib import Path

from config.schema import (
    Column,
    ColumnType,
    Conversion,
    Dataset,
    Endpoint,
    EndpointKind,
    EventType,
    Heuristic,
    Judgement,
    Own,
    Personalize,
    Phase,
    Ramp,
    RampLimits,
    RampStep,
    Schedule,
    StageConfig,
    Tier,
    Tracking,
    UseCase,
    Variant,
)
from config.stages import LOCAL

HERE = Path(__file__).parent
STAGE: StageConfig = replace(
    LOCAL,
    name="migration",
    tier=Tier.PRODUCTION,
    database=None,
    notifications=None,
    schedule=Schedule(),
    generation_days=30,
    alarm_emails=("you@example.com",),
)
USE_CASE, ACTION = "shows", "like"
HEURISTIC, PERSONALIZE, OWN = "heuristic", "personalize", "own"
_STEPS = (
    RampStep(phase=Phase.SHADOW, hours=12),
    RampStep(phase=Phase.AA, hours=20),
    RampStep(phase=Phase.RUNNING, hours=20, treated_percent=10),
    RampStep(phase=Phase.RUNNING, hours=20, treated_percent=50),
    RampStep(phase=Phase.FULL, held_back_percent=2, approval=True, decided=True),
)
_RAMP = Ramp(
    stages=(STAGE.name,),
    people=100,
    days=6,
    look_every=2,
    steps=_STEPS,
    poll_minutes=60,
    # Few people, runs days apart, and answers as slow as the machine that plays AWS.
    limits=RampLimits(
        window_minutes=120, least_answers=10, failed_margin=0.1, p95_ms=None, stale_hours=30 * 24
    ),
)


def use_case(*variants: Variant) -> UseCase:
    """With a ramp where there are variants to go from and to."""
    return UseCase(
        name=USE_CASE,
        description="What to watch, for simulated people",
        interactions=Dataset(
            sql=HERE / "interactions.sql",
            columns=(
                Column(name="USER_ID"),
                Column(name="ITEM_ID"),
                Column(name="EVENT_TYPE"),
                Column(name="TIMESTAMP", type=ColumnType.LONG),
            ),
        ),
        users=Dataset(
            sql=HERE / "users.sql",
            columns=(Column(name="USER_ID"), Column(name="AGE", type=ColumnType.INT)),
        ),
        items=Dataset(
            sql=HERE / "items.sql",
            columns=(
                Column(name="ITEM_ID"),
                Column(name="TOPIC", categorical=True),
                Column(name="CREATION_TIMESTAMP", type=ColumnType.LONG),
            ),
        ),
        event_types=(EventType(name=ACTION),),
        variants=variants,
        recommendations=10,
        batch_results=25,
        judgement=Judgement(tolerance=0.5),
        endpoint=Endpoint(path=USE_CASE, kind=EndpointKind.LIST),
        tracking=Tracking(actions=(ACTION,), conversion=Conversion(goal=0.1, floor=0.001)),
        ramp=_RAMP if len(variants) > 1 else None,
    )


_OWN = Own(algorithm="ease", memory_mb=1769)
PARTS = {
    "first": use_case(Heuristic(), Personalize()),
    "beside": use_case(Personalize(), _OWN),
    "alone": use_case(_OWN),
}
"""The configuration as it is changed, one deployment after the other."""
