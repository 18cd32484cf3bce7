"""Custom resource: counts that a variant of a use case was deployed for the first time."""

from __future__ import annotations

from typing import Any

from steps.custom_resources.answering import answered
from steps.telemetry import logger, tell


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    properties = event.get("ResourceProperties", {})
    use_case, variant = (str(properties.get(name, "unknown")) for name in ("UseCase", "Variant"))

    def act() -> None:
        """An update is of the function or its environment, not of the variant."""
        if event["RequestType"] == "Create":
            tell({"use_case": use_case, "variant": variant}, {"FirstDeployment": 1})

    return answered(event, f"{use_case}/{variant}/first-deployment", act)
