"""People who do not want to be personalised: a partition of the serving table with an item each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.times import iso
from pipeline.withholding.opt_outs import everybody, opt_out_key


@dataclass(frozen=True, kw_only=True)
class OptOut:
    """by, at, reason: who has said so, when (ISO 8601, UTC) and why."""

    user: str
    by: str
    at: str
    reason: str


@dataclass(frozen=True)
class OptOutList:
    """As operators change it, and runs read it; `client` is a DynamoDB client of any region of the stage.
    clock: seconds since 1970.
    """

    client: Any
    table: str
    clock: Callable[[], float] = time.time

    def add(self, users: Sequence[str], *, reason: str, by: str) -> None:
        """Who is there already stays as of then: the first time counts."""
        texts = {"by": {"S": by}, "at": {"S": iso(self.clock())}, "reason": {"S": reason}}
        for user in users:
            try:
                self.client.put_item(
                    TableName=self.table,
                    Item={**opt_out_key(user), **texts},
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except self.client.exceptions.ConditionalCheckFailedException:
                continue

    def remove(self, users: Sequence[str]) -> tuple[str, ...]:
        """Answers those who were there."""
        return tuple(
            user
            for user in users
            if self.client.delete_item(
                TableName=self.table, Key=opt_out_key(user), ReturnValues="ALL_OLD"
            ).get("Attributes")
        )

    def everybody(self) -> Iterator[OptOut]:
        """By user."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table, ConsistentRead=True, **everybody()
        )
        for page in pages:
            for item in page["Items"]:
                texts = {name: item.get(name, {}).get("S", "") for name in ("by", "at", "reason")}
                yield OptOut(user=item["sk"]["S"], **texts)
