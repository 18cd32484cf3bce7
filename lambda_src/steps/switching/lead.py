"""Lets regions do a step of a switch, and notes when it began and ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict

import boto3
from botocore.config import Config

from pipeline.environment import Environment
from pipeline.switching.leading import Actors, Leader
from steps import telemetry
from steps.switching.requests import LeadRequest, read_request

# A call lasts as long as the function that acts may take; whether anybody answers at all is soon known.
_CONFIG = Config(connect_timeout=5, read_timeout=130, retries={"total_max_attempts": 2, "mode": "standard"})


@dataclass(frozen=True)
class LeadEnvironment(Environment):
    """region_function: name of the function that acts, in every region."""

    region_function: str


class Result(TypedDict):
    """done: whether the next step can begin. switch: as the next call is given it."""

    done: bool
    switch: dict[str, Any]


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Result:
    asked = read_request(LeadRequest, event)
    here = context.invoked_function_arn.split(":")[3]
    leader = Leader(Actors(_client, LeadEnvironment.read().region_function), here)
    done, switch = leader.step(asked, asked.switch, event["estate"])
    words = switch.steps[-1].words if done else switch.waiting
    telemetry.logger.info("step of a switch", extra={"what": asked.key, "done": done, "words": words})
    return {"done": done, "switch": switch.as_json()}


@cache
def _client(region: str) -> Any:
    return boto3.client("lambda", region_name=region, config=_CONFIG)
