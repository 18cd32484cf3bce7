"""Custom resource: a use case's campaign, which a training workflow makes, goes with its solution."""

from __future__ import annotations

import time
from typing import Any

from pipeline.custom_resources.remove_campaign import remove_campaign
from steps.clients import client
from steps.custom_resources.answering import answered
from steps.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    properties = event.get("ResourceProperties", {})
    campaign, solution = (str(properties.get(name, "unknown")) for name in ("CampaignArn", "SolutionArn"))

    def act() -> None:
        if event["RequestType"] == "Delete":
            removed = remove_campaign(
                client("personalize"),
                campaign,
                solution,
                sleep=time.sleep,
                seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
            )
            logger.info("campaign removed", extra={"campaign": campaign, "removed": removed})

    return answered(event, f"{campaign}/{solution.rpartition('/')[2]}", act)
