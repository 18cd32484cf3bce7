"""The tables of a stage with a name of its own, and what happens to people in them, by the product's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import boto3

from operations.restoring import command, drill_command
from operations.restoring.beside import window_of
from pipeline.notifications.devices import Devices, Registration
from pipeline.notifications.table import EMAIL_CONSENT, NotificationTable, key, user_pk
from pipeline.notifications.unsubscribing import unsubscribe
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.moments import next_second
from tests.support.waiting import eventually

Item = dict[str, Any]
KEYS = ("pk", "sk")
RECOVERY = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}


def arguments(*words: str) -> Any:
    """As the command line has them."""
    from operations.cli import parser

    return parser().parse_args(words)


@dataclass
class RestoredStage:
    aws: LocalAws
    name: str = field(default_factory=lambda: f"s{uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        self.db = self.aws.client("dynamodb")
        sns = self.aws.client("sns")
        app = sns.create_platform_application(
            Name=f"app-{self.name}", Platform="APNS", Attributes={"PlatformCredential": "key"}
        )
        self.devices = Devices(
            NotificationTable(self.db, self.table("notifications")),
            sns,
            {"ios": app["PlatformApplicationArn"]},
        )

    def own_client(self) -> Any:
        """Of DynamoDB, which nobody else has: what is done to it concerns no other test."""
        session = boto3.Session("test", "test", region_name=self.db.meta.region_name)
        return session.client("dynamodb", endpoint_url=self.db.meta.endpoint_url)

    def table(self, what: str) -> str:
        return f"recs-{self.name}-{what}"

    def make(self, what: str, *, recoverable: bool = True) -> str:
        name = self.table(what)
        self.db.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in KEYS],
        )
        if recoverable:
            self.db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=RECOVERY)
        return name

    def moment(self, what: str) -> datetime:
        """After all that was written so far, and by now restorable."""
        moment = next_second()
        eventually(lambda: (window_of(self.db, self.table(what)) or [moment])[-1] >= moment)
        return moment

    def items(self, what: str) -> dict[tuple[str, str], Item]:
        return held(self.db, self.table(what))

    def opt_out(self, user: str, now: float) -> None:
        unsubscribe(self.devices.table, user, now=now)

    def forget_opt_out(self, user: str) -> None:
        """Which nothing in the product does."""
        self.delete("notifications", user_pk(user), EMAIL_CONSENT)

    def register(self, user: str, device: str, token: str, now: float) -> None:
        self.devices.register(Registration(user=user, device=device, platform="ios", token=token), now=now)

    def put(self, what: str, pk: str, sk: str, **attributes: Mapping[str, Any]) -> None:
        self.db.put_item(TableName=self.table(what), Item={**key(pk, sk), **attributes})

    def delete(self, what: str, pk: str, sk: str) -> None:
        self.db.delete_item(TableName=self.table(what), Key=key(pk, sk))

    def restore(self, what: str, at: Any, *words: str, client: Any = None) -> int:
        """The exit code."""
        asked = ("restore", "--table", self.table(what), "--at", f"{at:%Y-%m-%dT%H:%M:%SZ}", *words)
        return command.run(arguments(*asked), client or self.db)

    def drill(self, *words: str, **more: Any) -> int:
        return drill_command.run(arguments("restore-drill", "--stage", self.name, *words), self.db, **more)

    def tables(self) -> list[str]:
        pages = self.db.get_paginator("list_tables").paginate()
        return sorted(name for page in pages for name in page["TableNames"] if f"-{self.name}-" in name)


def held(db: Any, table: str) -> dict[tuple[str, str], Item]:
    pages = db.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}
