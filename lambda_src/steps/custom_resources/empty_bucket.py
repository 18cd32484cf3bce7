"""Custom resource: empties a bucket before CloudFormation deletes it."""

from __future__ import annotations

from typing import Any

from pipeline.custom_resources.empty_bucket import empty_bucket
from steps.clients import client
from steps.custom_resources.answering import answered
from steps.telemetry import logger


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    bucket = str(event.get("ResourceProperties", {}).get("BucketName", "unknown"))

    def act() -> None:
        if event["RequestType"] == "Delete":
            removed = empty_bucket(
                client("s3"), bucket, seconds_left=lambda: context.get_remaining_time_in_millis() / 1000
            )
            logger.info("bucket emptied", extra={"bucket": bucket, "removed": removed})

    return answered(event, f"{bucket}/contents", act)
