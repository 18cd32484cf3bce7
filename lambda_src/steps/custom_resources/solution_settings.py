"""Custom resource: a solution's settings that CloudFormation lacks."""

from __future__ import annotations

import time
from typing import Any

from pipeline.custom_resources.solution_settings import apply_solution_settings
from steps.clients import client
from steps.custom_resources.answering import answered
from steps.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    properties = event.get("ResourceProperties", {})
    solution = str(properties.get("SolutionArn", "unknown"))

    def act() -> None:
        """Deleting has nothing to undo: the settings go with the solution."""
        if event["RequestType"] != "Delete":
            apply_solution_settings(
                client("personalize"),
                properties["SolutionArn"],
                properties.get("EventTypes", []),
                sleep=time.sleep,
                seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
            )

    return answered(event, f"{solution}/settings", act)
