"""What SES tells of e-mails after it has answered: to event destinations that are EventBridge."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_cloud.events.bus import emit
from local_cloud.ground.times import iso_text
from local_cloud.mail import configuration_sets


def tell_rendering_failure(
    backend: Any, call: Mapping[str, Any], configuration_set: str, message_id: str, reason: str
) -> None:
    """Nothing, if the configuration set has no destination for it: then the failure is lost, as in SES."""
    if not configuration_set or not any(
        _takes(destination, "RENDERINGFAILURE")
        for destination in configuration_sets.destinations(backend, configuration_set).values()
    ):
        return
    now, recipients = datetime.now(tz=UTC), call.get("Destination") or {}
    tags = {tag["Name"]: [tag["Value"]] for tag in call.get("EmailTags") or []}
    where = f"arn:aws:ses:{backend.region_name}:{backend.account_id}"
    emit(
        account=backend.account_id,
        region=backend.region_name,
        source="aws.ses",
        detail_type="Email Rendering Failed",
        detail={
            "eventType": "Rendering Failure",
            "mail": {
                "timestamp": iso_text(now),
                "source": call.get("FromEmailAddress", ""),
                "messageId": message_id,
                "destination": [address for kind in recipients.values() for address in kind],
                "tags": {**tags, "ses:configuration-set": [configuration_set]},
            },
            "failure": {
                "errorMessage": reason,
                "templateName": call["Content"].get("Template", {}).get("TemplateName", ""),
            },
        },
        resources=[f"{where}:configuration-set/{configuration_set}"],
    )


def _takes(destination: Mapping[str, Any], kind: str) -> bool:
    """Templates may spell kinds of events as SES's first API does, `renderingFailure`."""
    kinds = {name.replace("_", "").upper() for name in destination.get("MatchingEventTypes", ())}
    return bool(destination.get("Enabled") and "EventBridgeDestination" in destination and kind in kinds)
