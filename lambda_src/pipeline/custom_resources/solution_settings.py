"""What CloudFormation cannot set on a solution: no automatic training, and the weights of the event types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_ATTEMPTS = 6
_SECONDS = 10.0


def apply_solution_settings(
    personalize: Any,
    solution_arn: str,
    event_types: Sequence[Mapping[str, Any]],
    *,
    sleep: Callable[[float], None],
) -> None:
    """Turns automatic training off; event types ({name, weight}) only where the recipe takes them.

    Waits a minute at most for another update of the same solution to end.
    """
    update: dict[str, Any] = {"solutionArn": solution_arn, "performAutoTraining": False}
    if event_types:
        parameters = [{"eventType": e["name"], "weight": float(e["weight"])} for e in event_types]
        update["solutionUpdateConfig"] = {"eventsConfig": {"eventParametersList": parameters}}
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            personalize.update_solution(**update)
            return
        except personalize.exceptions.ResourceInUseException:
            if attempt == _ATTEMPTS:
                raise
            sleep(_SECONDS)
