"""Step: who gets recommendations."""

from __future__ import annotations

from typing import Any

from pipeline import batch_input
from steps import telemetry
from steps.clients import data_bucket
from steps.request import read_request


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> batch_input.BatchInput:
    audience = read_request(batch_input.Audience, event)
    telemetry.begin(audience.use_case, audience.run)
    result = batch_input.write_batch_input(data_bucket(), audience)
    telemetry.logger.info("batch input written", extra=result)
    telemetry.count({"AudienceUsers": result["users"]})
    return result
