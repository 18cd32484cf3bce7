"""Devices that get push messages: an endpoint of Amazon SNS per app installation.

A token belongs to one installation, and an endpoint to one token. Stores replace tokens, people hand phones
on and reinstall apps; whatever happens, an endpoint is one user's at a time, and a device has one endpoint.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pipeline.notifications.table import Attributes, NotificationTable, device_sk, key, owner_key, user_pk

MOST_DEVICES = 20
_EXISTS = re.compile(r"Endpoint (arn:aws[\w-]*:sns:\S+) already exists with the same Token")
_GONE = frozenset({"NotFound", "NotFoundException"})


class UnknownPlatform(LookupError):
    """The stage has no platform application for it."""


class TokenRefused(ValueError):
    """SNS does not take the token; the message says why."""


class TooManyDevices(ValueError):
    """Of one user."""


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What an app tells of itself at every start. platform: android or ios."""

    user: str
    device: str
    platform: str
    token: str


@dataclass(frozen=True)
class Devices:
    """sns: a client of the region of the platform applications. applications: ARNs by platform."""

    table: NotificationTable
    sns: Any
    applications: Mapping[str, str]

    def register(self, registration: Registration, *, now: float) -> None:
        """Repeating it changes nothing. Raises: UnknownPlatform, TokenRefused, TooManyDevices."""
        application = self.applications.get(registration.platform)
        if application is None:
            raise UnknownPlatform(registration.platform)
        known = self._endpoint_of(registration.user, registration.device)
        if known is None and self._count(registration.user) >= MOST_DEVICES:
            raise TooManyDevices(f"{MOST_DEVICES} devices are registered already")
        endpoint = self._endpoint(application, registration)
        if known not in (None, endpoint):
            # The token was replaced, and the one before it leads nowhere.
            self._delete_endpoint(str(known))
            self.table.forget_owner(str(known), registration.user, registration.device)
        self._take_from_others(endpoint, registration)
        self._store(registration, endpoint, now)
        if known is None and self._count(registration.user) > MOST_DEVICES:
            # Others were registered at the same time: whoever sees too many goes.
            self.forget(registration.user, registration.device)
            raise TooManyDevices(f"{MOST_DEVICES} devices are registered already")

    def forget(self, user: str, device: str) -> bool:
        """Whether there was such a device."""
        endpoint = self._endpoint_of(user, device)
        if endpoint is None:
            return False
        self._delete_endpoint(endpoint)
        self.table.client.delete_item(TableName=self.table.name, Key=key(user_pk(user), device_sk(device)))
        self.table.forget_owner(endpoint, user, device)
        return True

    def _endpoint(self, application: str, registration: Registration) -> str:
        """Of the token; enabled, and carrying this user's id."""
        wanted = {"Token": registration.token, "CustomUserData": registration.user, "Enabled": "true"}
        try:
            arn = str(
                self.sns.create_platform_endpoint(
                    PlatformApplicationArn=application,
                    Token=registration.token,
                    CustomUserData=registration.user,
                )["EndpointArn"]
            )
        except ClientError as error:
            # The token has an endpoint with other data: another user's, or one that was disabled.
            exists = _EXISTS.search(str(error))
            if exists is None and error.response["Error"]["Code"] == "InvalidParameter":
                raise TokenRefused(error.response["Error"].get("Message", "")) from error
            if exists is None:
                raise
            arn = exists[1]
        self.sns.set_endpoint_attributes(EndpointArn=arn, Attributes=wanted)
        return arn

    def _delete_endpoint(self, endpoint: str) -> None:
        try:
            self.sns.delete_endpoint(EndpointArn=endpoint)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise

    def _take_from_others(self, endpoint: str, registration: Registration) -> None:
        """Whose it was before gets no messages there any more."""
        owner = self._get(owner_key(endpoint))
        if not owner:
            return
        user, device = owner["user"]["S"], owner["device"]["S"]
        if (user, device) != (registration.user, registration.device):
            # An owner who has another endpoint by now keeps it.
            self.table.delete_if(key(user_pk(user), device_sk(device)), {"endpoint": {"S": endpoint}})

    def _store(self, registration: Registration, endpoint: str, now: float) -> None:
        """Device and owner at once."""
        device = {
            **key(user_pk(registration.user), device_sk(registration.device)),
            "endpoint": {"S": endpoint},
            "platform": {"S": registration.platform},
            "registered": {"N": str(int(now))},
        }
        owner = {
            **owner_key(endpoint),
            "user": {"S": registration.user},
            "device": {"S": registration.device},
        }
        self.table.client.transact_write_items(
            TransactItems=[{"Put": {"TableName": self.table.name, "Item": item}} for item in (device, owner)]
        )

    def _endpoint_of(self, user: str, device: str) -> str | None:
        item = self._get(key(user_pk(user), device_sk(device)))
        return item["endpoint"]["S"] if item else None

    def _count(self, user: str) -> int:
        answer = self.table.client.query(
            TableName=self.table.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :device)",
            ExpressionAttributeValues={":pk": {"S": user_pk(user)}, ":device": {"S": device_sk("")}},
            Select="COUNT",
            ConsistentRead=True,
        )
        return int(answer["Count"])

    def _get(self, item_key: Attributes) -> Attributes:
        answer = self.table.client.get_item(TableName=self.table.name, Key=item_key, ConsistentRead=True)
        found: Attributes = answer.get("Item", {})
        return found
