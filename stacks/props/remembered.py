"""Which posted events a stored model is asked with."""

from config.schema import StageConfig, UseCase


def remembered_types(stage: StageConfig, use_case: UseCase) -> tuple[str, ...]:
    """Those that it learns from, where it answers in real time; with weights those that have one."""
    if use_case.tracking is None or use_case.own_realtime_in(stage.name) is None:
        return ()
    counted = [
        event for event in use_case.event_types if event.weight is not None or not use_case.weighs_events
    ]
    return tuple(event.name for event in counted)
