"""Step: who gets recommendations."""

from __future__ import annotations

from typing import Any

from pipeline.lists import batch_input
from pipeline.tracking.shown_lately import notes_of_people
from steps import telemetry
from steps.clients import data_bucket
from steps.request import read_request


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> batch_input.BatchInput:
    audience = read_request(batch_input.Audience, event)
    telemetry.begin(audience.use_case, audience.run)
    bucket, tired = data_bucket(), audience.fatigue
    shown = notes_of_people(bucket, audience.use_case, audience.run, tired.days) if tired else ()
    result = batch_input.write_batch_input(bucket, audience, shown)
    telemetry.logger.info("batch input written", extra=result)
    telemetry.count({"AudienceUsers": result["users"]})
    return result
