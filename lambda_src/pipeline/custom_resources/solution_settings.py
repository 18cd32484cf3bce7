"""What CloudFormation cannot set on a solution: no automatic training, and the weights of the event types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pipeline.errors import SolutionNotUpdated

_PENDING = ("CREATE PENDING", "CREATE IN_PROGRESS")
_FIRST_SECONDS, _LONGEST_SECONDS = 1.0, 15.0


def apply_solution_settings(
    personalize: Any,
    solution_arn: str,
    event_types: Sequence[Mapping[str, Any]],
    *,
    sleep: Callable[[float], None],
    seconds_left: Callable[[], float],
) -> None:
    """Turns automatic training off; event types ({name, weight}) only where the recipe takes them.

    UpdateSolution only begins an update, which may fail; `latestSolutionUpdate` tells how it ends. Another
    update, and a solution that is still being made, are waited for as well.
    Raises: SolutionNotUpdated, if the update fails, or does not end in time.
    """
    wanted: dict[str, Any] = {"performAutoTraining": False}
    if event_types:
        parameters = [{"eventType": e["name"], "weight": float(e["weight"])} for e in event_types]
        wanted["solutionUpdateConfig"] = {"eventsConfig": {"eventParametersList": parameters}}
    pauses = _pauses()

    def wait(state: str) -> None:
        pause = next(pauses)
        if seconds_left() < pause + _LONGEST_SECONDS:
            raise SolutionNotUpdated(
                f"{solution_arn} {state}: deploy again; until then it may train, and be billed, by itself"
            )
        sleep(pause)

    before = _began(_described(personalize, solution_arn))
    while not _updated(personalize, solution_arn, wanted):
        wait("is in use")
    while True:
        solution = _described(personalize, solution_arn)
        update = solution.get("latestSolutionUpdate") or {}
        if _began(solution) == before:
            # Not told of yet, or not told of at all: what the solution itself says counts then.
            if _has(solution, wanted):
                return
            wait("does not tell of its update, and has other settings than it should")
        elif update["status"] == "ACTIVE":
            return
        elif update["status"] in _PENDING:
            wait(f"is still being updated ({update['status']})")
        else:
            reason = update.get("failureReason") or "no reason was given"
            raise SolutionNotUpdated(
                f"the update of {solution_arn} ended as {update['status']}: {reason}; "
                "it may train, and be billed, by itself"
            )


def _described(personalize: Any, solution_arn: str) -> Mapping[str, Any]:
    solution: Mapping[str, Any] = personalize.describe_solution(solutionArn=solution_arn)["solution"]
    return solution


def _began(solution: Mapping[str, Any]) -> object:
    """When the latest update did, which tells it from the one before."""
    return (solution.get("latestSolutionUpdate") or {}).get("creationDateTime")


def _updated(personalize: Any, solution_arn: str, wanted: Mapping[str, Any]) -> bool:
    try:
        personalize.update_solution(solutionArn=solution_arn, **wanted)
    except personalize.exceptions.ResourceInUseException:
        return False
    return True


def _has(solution: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    def weights(config: Mapping[str, Any]) -> dict[str, float]:
        events = config.get("eventsConfig", {}).get("eventParametersList", [])
        return {event["eventType"]: event.get("weight") for event in events}

    asked = weights(wanted.get("solutionUpdateConfig", {}))
    return solution.get("performAutoTraining") is False and (
        weights(solution.get("solutionConfig", {})).items() >= asked.items()
    )


def _pauses() -> Iterator[float]:
    """In seconds."""
    pause = _FIRST_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_SECONDS)
