"""What a switch of the stage has to do with: which schedules and state machines, and in which order."""

from collections.abc import Sequence

from constructs.switching.props import EstateProps, SwitchStepProps

from config.derived.switching import SWITCH_STEPS, estate_of, schedule_role_path
from config.schema import Notification, StageConfig, UseCase


def switch_steps() -> tuple[SwitchStepProps, ...]:
    return tuple(
        SwitchStepProps(
            key=step.key,
            title=step.title,
            if_asked=step.if_asked,
            there=step.there,
            poll_seconds=step.poll_seconds,
            limit_minutes=step.limit_minutes,
        )
        for step in SWITCH_STEPS
    )


def estate_props(
    stage: StageConfig, region: str, use_cases: Sequence[UseCase], notifications: Sequence[Notification]
) -> EstateProps:
    """stage: as configured, of whose primary region the schedules' states are."""
    estate = estate_of(stage, use_cases, notifications)
    return EstateProps(
        schedules=estate.schedules,
        schedule_roles=schedule_role_path(stage.name, region),
        machines=estate.machines,
        tables=estate.tables,
        served=estate.served,
    )
