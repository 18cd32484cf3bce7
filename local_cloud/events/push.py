"""Mobile push of SNS: stock moto keeps what is published to itself and takes "false" for true."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.sns.exceptions import SnsEndpointDisabled, SNSException, SNSInvalidParameter, SNSNotFoundError
from moto.sns.models import PlatformEndpoint, SNSBackend

from local_cloud import outbox
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.ground.times import iso_text


class _ApplicationDisabled(SNSException):
    code = "PlatformApplicationDisabled"


def install(settings: Settings) -> None:
    """Put published messages into the outbox; endpoints and applications can be disabled."""

    def publish(self: Any, message: str) -> str:
        if not _true(self.attributes.get("Enabled", "true")):
            raise SnsEndpointDisabled("Endpoint is disabled")
        if not _true(self.application.attributes.get("Enabled", "true")):
            raise _ApplicationDisabled("Platform application is disabled")
        text = _for_platform(message, self.application.platform)
        message_id = str(stock_publish(self, text))
        outbox.put(
            settings.state_dir,
            outbox.Push(
                sent_at=iso_text(datetime.now(tz=UTC)),
                platform=self.application.platform,
                token=self.attributes["Token"],
                endpoint=self.arn,
                user_data=str(self.attributes.get("CustomUserData") or self.custom_user_data or ""),
                message=text,
                message_id=message_id,
            ),
        )
        return message_id

    stock_publish = replace(PlatformEndpoint, "publish", publish)
    replace(PlatformEndpoint, "enabled", property(lambda self: _true(self.attributes.get("Enabled", "true"))))
    replace(SNSBackend, "create_platform_endpoint", _create_endpoint)
    replace(SNSBackend, "set_endpoint_attributes", _set_attributes)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _for_platform(message: str, platform: str) -> str:
    """What the platform gets of a message that may be JSON with a text for each platform."""
    try:
        texts = json.loads(message)
    except ValueError:
        return message
    if not isinstance(texts, Mapping) or not texts.keys() & {"default", platform}:
        return message
    text = texts.get(platform, texts.get("default"))
    if not isinstance(text, str):
        raise SNSInvalidParameter("Invalid parameter: Message Structure - every value must be a JSON string")
    return text


def _create_endpoint(
    self: Any, application: Any, custom_user_data: str, token: str, attributes: dict[str, Any]
) -> Any:
    """The same call again answers the same endpoint; other attributes are refused with its ARN."""
    if application is None:
        raise SNSNotFoundError("PlatformApplication does not exist")
    wanted = {"Enabled": "true", "CustomUserData": custom_user_data or "", **attributes}
    for endpoint in self.platform_endpoints.values():
        if endpoint.application.arn == application.arn and endpoint.attributes["Token"] == token:
            if {name: endpoint.attributes.get(name, "") for name in wanted} == wanted:
                return endpoint
            raise SNSInvalidParameter(
                f"Invalid parameter: Token Reason: Endpoint {endpoint.arn} already exists "
                "with the same Token, but different attributes."
            )
    made = PlatformEndpoint(
        self.account_id, self.region_name, application, custom_user_data, token, {**wanted, "Token": token}
    )
    self.platform_endpoints[made.arn] = made
    return made


def _set_attributes(self: Any, arn: str, attributes: dict[str, Any]) -> Any:
    endpoint = self.get_endpoint(arn)
    endpoint.attributes.update(attributes)
    endpoint.token = endpoint.attributes["Token"]
    return endpoint
