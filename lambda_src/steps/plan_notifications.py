"""Step: who is to be notified, from which generation, in which week."""

from __future__ import annotations

from typing import Any

from pipeline.notifications.plan import Plan, Planned
from pipeline.notifications.plan import plan_notifications as plan
from steps import telemetry
from steps.clients import client, data_bucket, fence, generations
from steps.request import read_request


@telemetry.step
def lambda_handler(event: dict[str, Any], context: Any) -> Planned:
    request = read_request(Plan, event)
    telemetry.logger.append_keys(notification=request.notification, run=request.run)
    ses = client("sesv2") if request.sends_emails else None
    result = plan(data_bucket(), generations(request.use_case, request.variant), fence(), ses, request)
    telemetry.logger.info("notifications planned", extra=result)
    return result
