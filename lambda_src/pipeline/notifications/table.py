"""The notifications table: what a user was told, has agreed to, and may be reached by, in one partition.

    user#<user>  claim#<week>#<notification>   what was sent, or begun to be sent, per channel
    user#<user>  consent#email                 unsubscribed by a link in an e-mail
    user#<user>  device#<device>               where push messages go
    user#<user>  inbox#<week>#<notification>   an entry of the in-app inbox
    endpoint#<ARN>  owner                      whose device an endpoint of SNS is

The sort keys of the first three are neighbours, so that one query answers what sending has to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Attributes = dict[str, dict[str, Any]]

EMAIL_CONSENT = "consent#email"
UNSUBSCRIBED = "unsubscribed"
_AFTER_DEVICES = "device$"


def user_pk(user: str) -> str:
    return f"user#{user}"


def claim_sk(week: str, notification: str) -> str:
    return f"claim#{week}#{notification}"


def inbox_sk(entry: str) -> str:
    return f"inbox#{entry}"


def device_sk(device: str) -> str:
    return f"device#{device}"


def entry_id(week: str, notification: str) -> str:
    """Sorts by time, and fits into a path."""
    return f"{week}.{notification}"


def owner_key(endpoint: str) -> Attributes:
    return key(f"endpoint#{endpoint}", "owner")


def key(pk: str, sk: str) -> Attributes:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


@dataclass(frozen=True)
class Device:
    """endpoint: an ARN of SNS. registered: epoch seconds."""

    id: str
    endpoint: str
    platform: str
    registered: int


@dataclass(frozen=True)
class UserState:
    """claim: the item as it is stored; empty if the user was not told this week. devices: newest first.
    opted_out: does not want to be personalised.
    """

    claim: Attributes
    unsubscribed: bool
    devices: tuple[Device, ...]
    opted_out: bool = False


@dataclass(frozen=True)
class NotificationTable:
    """`client` is a DynamoDB client."""

    client: Any
    name: str

    def state(self, user: str, week: str, notification: str) -> UserState:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":pk": {"S": user_pk(user)},
                ":first": {"S": f"claim#{week}"},
                ":last": {"S": _AFTER_DEVICES},
            },
            ConsistentRead=True,
        )
        items = {item["sk"]["S"]: item for page in pages for item in page["Items"]}
        consent = items.get(EMAIL_CONSENT, {}).get("state", {}).get("S")
        devices = [_device(item) for sk, item in items.items() if sk.startswith("device#")]
        return UserState(
            claim=items.get(claim_sk(week, notification), {}),
            unsubscribed=consent == UNSUBSCRIBED,
            devices=tuple(sorted(devices, key=lambda device: device.registered, reverse=True)),
        )

    def forget_device(self, user: str, device: Device) -> None:
        """Unless it was registered again meanwhile."""
        expected = {"endpoint": {"S": device.endpoint}, "registered": {"N": str(device.registered)}}
        if self.delete_if(key(user_pk(user), device_sk(device.id)), expected):
            self.forget_owner(device.endpoint, user, device.id)

    def forget_owner(self, endpoint: str, user: str, device: str) -> None:
        """Unless the endpoint is another's by now."""
        self.delete_if(owner_key(endpoint), {"user": {"S": user}, "device": {"S": device}})

    def delete_if(self, item_key: Attributes, expected: Attributes) -> bool:
        """Whether there was such an item with these attributes, which is deleted then."""
        try:
            self.client.delete_item(
                TableName=self.name,
                Key=item_key,
                ConditionExpression=" AND ".join(f"#{name} = :{name}" for name in expected),
                ExpressionAttributeNames={f"#{name}": name for name in expected},
                ExpressionAttributeValues={f":{name}": value for name, value in expected.items()},
            )
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _device(item: Attributes) -> Device:
    return Device(
        id=item["sk"]["S"].partition("#")[2],
        endpoint=item["endpoint"]["S"],
        platform=item["platform"]["S"],
        registered=int(item["registered"]["N"]),
    )
