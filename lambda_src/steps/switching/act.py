"""Does a step of a switch in the region that it runs in."""

from __future__ import annotations

from typing import Any, TypedDict

from pipeline.regions.fence import Fence
from pipeline.switching.acting import Place, act
from pipeline.switching.marks import Marks
from pipeline.switching.schedules import Schedules
from steps import telemetry
from steps.clients import client, data_bucket, fence
from steps.switching.requests import ActRequest, Estate, read_request


class Result(TypedDict):
    """As `Outcome`."""

    words: str
    done: bool
    asked: list[str] | None
    pointers: dict[str, str] | None
    epoch: int | None


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    asked = read_request(ActRequest, event)
    outcome = act(_place(asked.estate, fence(), context.invoked_function_arn), asked.step, asked.switch)
    said = {"what": asked.step, "words": outcome.words, "done": outcome.done}
    telemetry.logger.info("step of a switch", extra=said)
    return {
        "words": outcome.words,
        "done": outcome.done,
        "asked": None if outcome.asked is None else [*outcome.asked],
        "pointers": None if outcome.pointers is None else {**outcome.pointers},
        "epoch": outcome.epoch,
    }


def _place(estate: Estate, fenced: Fence, function: str) -> Place:
    partition, _, region, account = function.split(":")[1:5]
    machines = f"arn:{partition}:states:{region}:{account}:stateMachine"
    return Place(
        fence=fenced,
        schedules=Schedules(client("scheduler"), estate.schedules),
        marks=Marks(client("dynamodb"), estate.tables),
        machines=client("stepfunctions"),
        runs=[f"{machines}:{name}" for name in estate.machines],
        served=[(of.use_case, variant) for of in estate.served for variant in of.variants],
        bucket=data_bucket(),
    )
