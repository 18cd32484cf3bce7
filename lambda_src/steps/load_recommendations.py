"""Step: one shard of batch output into the serving table."""

from __future__ import annotations

import random
import time
from typing import Any, TypedDict

from pipeline.lists import load
from steps import telemetry
from steps.clients import client, data_bucket
from steps.environment import step_environment
from steps.request import read_request


class Result(TypedDict):
    users: int
    errors: int
    toppedUp: int
    trimmed: int
    capped: int
    units: int
    rested: int


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    request = read_request(load.Load, event)
    telemetry.logger.append_keys(use_case=request.use_case, run=request.generation, shard=request.output)
    counts = load.load_recommendations(
        client("dynamodb"),
        step_environment().serving_table,
        data_bucket(),
        request,
        sleep=time.sleep,
        rng=random.Random(),
    )
    result: Result = {
        "users": counts.users,
        "errors": counts.errors,
        "toppedUp": counts.topped_up,
        "trimmed": counts.trimmed,
        "capped": counts.capped,
        "units": counts.units,
        "rested": counts.rested,
    }
    telemetry.logger.info("shard loaded", extra=result)
    return result
