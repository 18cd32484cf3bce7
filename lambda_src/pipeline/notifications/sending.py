"""Push messages and e-mails: sent at most once by each call, and every failure told apart by what it means.

A request is never repeated unless it was surely refused: the clients must not retry by themselves.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
)

from pipeline.errors import ProviderUnavailable
from pipeline.notifications.claims import FAILED, SENT, UNCERTAIN
from pipeline.notifications.refusals import raise_if_nobody_gets_any
from pipeline.notifications.table import Device

_ATTEMPTS = 6
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "Throttled"})
_DEVICE_GONE = frozenset({"EndpointDisabled", "NotFound"})
_DELETED = "No endpoint found"
"""In the message by which SNS refuses the ARN of a deleted endpoint as an InvalidParameter."""


@dataclass(frozen=True)
class Result:
    """state: sent, failed (surely not sent) or uncertain; reason: the provider's code."""

    state: str
    reason: str = ""


class DeviceGone(Exception):
    """The app was removed, or has another token by now."""


@dataclass(frozen=True)
class Sender:
    """sleep, rng: for the pauses after a refusal for haste."""

    ses: Any
    sns: Any
    sleep: Callable[[float], None]
    rng: random.Random

    def push(self, device: Device, message: str) -> Result:
        """Raises: DeviceGone, SendingNotAllowed, ProviderUnavailable; then nothing was sent."""
        request = {"TargetArn": device.endpoint, "Message": message, "MessageStructure": "json"}
        return self._once(lambda: self.sns.publish(**request), sender="")

    def email(self, message: Email) -> Result:
        """Raises: SendingNotAllowed, ProviderUnavailable; then nothing was sent."""
        sender = parseaddr(message.sender)[1]
        return self._once(lambda: self.ses.send_email(**message.request()), sender=sender)

    def pause(self, attempt: int) -> None:
        """Before an attempt; none before the first, which is number 0."""
        if attempt:
            self.sleep(self.rng.uniform(0, 0.5 * 2**attempt))

    def _once(self, send: Callable[[], Any], *, sender: str) -> Result:
        for attempt in range(_ATTEMPTS):
            self.pause(attempt)
            try:
                send()
            except ClientError as error:
                code = str(error.response["Error"].get("Code"))
                if code not in _THROTTLED:
                    return _refusal(error, code, sender)
            except (EndpointConnectionError, ConnectTimeoutError) as error:
                # The request did not leave.
                raise ProviderUnavailable(str(error)) from error
            except BotoCoreError as error:
                return Result(UNCERTAIN, type(error).__name__)
            else:
                return Result(SENT)
        raise ProviderUnavailable(f"throttled {_ATTEMPTS} times in a row")


def _refusal(error: ClientError, code: str, sender: str) -> Result:
    if error.operation_name == "Publish":
        deleted = code == "InvalidParameter" and _DELETED in error.response["Error"].get("Message", "")
        if deleted or code in _DEVICE_GONE:
            raise DeviceGone(code) from error
    raise_if_nobody_gets_any(error, code, sender=sender)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
    return Result(UNCERTAIN if status >= 500 else FAILED, code)


@dataclass(frozen=True, kw_only=True)
class Email:
    """sender: name and address. data: of the template. tags: found again in SES's own metrics and events."""

    sender: str
    to: str
    template: str
    data: dict[str, Any]
    unsubscribe_url: str
    configuration_set: str
    tags: Sequence[tuple[str, str]]

    def request(self) -> dict[str, Any]:
        """The two headers of RFC 8058 let mail programs offer unsubscribing by one click."""
        headers = {
            "List-Unsubscribe": f"<{self.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        return {
            "FromEmailAddress": self.sender,
            "Destination": {"ToAddresses": [self.to]},
            "Content": {
                "Template": {
                    "TemplateName": self.template,
                    "TemplateData": json.dumps(self.data, ensure_ascii=False),
                    "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
                }
            },
            "ConfigurationSetName": self.configuration_set,
            "EmailTags": [{"Name": name, "Value": value} for name, value in self.tags],
        }
