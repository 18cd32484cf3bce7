"""Failures as the interpreter raises them, in one line."""

from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName


def failure(env: Any, error: Any, cause: str, *, event: Any, details: str) -> FailureEventException:
    """`error`: a StatesErrorNameType. `event`: of the history, with its details in the member `details`."""
    name = StatesErrorName(typ=error)
    values: Any = {details: {"error": name.error_name, "cause": cause}}
    return FailureEventException(
        failure_event=FailureEvent(env=env, error_name=name, event_type=event, event_details=values)
    )
