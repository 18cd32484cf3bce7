"""Which generation of recommendations is served, and which others could be.

A generation is known by its popular list: it is stored right before the generation is published and expires
with the generation's user lists. The pointer names the generation that readers see.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pipeline.errors import GenerationMissing, GenerationSuperseded
from pipeline.formats import known
from pipeline.serving_items import Attributes, list_item, pointer_key, popular_key
from pipeline.times import iso


@dataclass(frozen=True)
class Pointer:
    """What readers see now; `previous` is what they saw before. region, epoch: that published it."""

    generation: str
    previous: str | None
    published_at: str
    users: int
    region: str | None = None
    epoch: int | None = None


@dataclass(frozen=True)
class Generation:
    """A generation whose lists are still there; `users` have a list in it."""

    name: str
    users: int
    created_at: str
    expires: int


@dataclass(frozen=True)
class Generations:
    """The generations of one use case and variant in the serving table; `client` is a DynamoDB client."""

    client: Any
    table: str
    use_case: str
    variant: str
    clock: Callable[[], float] = time.time

    def pointer(self) -> Pointer | None:
        answer = self.client.get_item(TableName=self.table, Key=self._pointer_key, ConsistentRead=True)
        item: Attributes | None = answer.get("Item")
        if item is None:
            return None
        known(item, f"the pointer of {self.use_case}")
        return Pointer(
            generation=item["generation"]["S"],
            previous=item.get("previous", {}).get("S"),
            published_at=item["published_at"]["S"],
            users=int(item["users"]["N"]),
            region=item.get("region", {}).get("S"),
            epoch=int(item["epoch"]["N"]) if "epoch" in item else None,
        )

    def existing(self) -> list[Generation]:
        """All that have not expired, oldest first."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :variant)",
            ProjectionExpression="sk, #users, created_at, expires",
            ExpressionAttributeNames={"#users": "users"},
            ExpressionAttributeValues={
                ":pk": {"S": f"popular#{self.use_case}"},
                ":variant": {"S": f"{self.variant}#"},
            },
            ConsistentRead=True,
        )
        found = [_generation(item) for page in pages for item in page["Items"]]
        return [generation for generation in found if generation.expires > self.clock()]

    def store(self, generation: str, popular: Sequence[str], *, users: int, expires: int) -> None:
        """Makes a complete generation known, not yet visible; repeating it changes nothing."""
        key = popular_key(self.use_case, self.variant, generation)
        item = list_item(key["pk"]["S"], key["sk"]["S"], popular, expires)
        item |= {"users": {"N": str(users)}, "created_at": {"S": iso(self.clock())}}
        self.client.put_item(TableName=self.table, Item=item)

    def publish(self, generation: str, *, users: int) -> Pointer:
        """Moves the pointer forward; repeating it changes nothing.

        Raises: GenerationSuperseded, if readers already see a newer generation.
        """
        before = self.pointer()
        if before and before.generation == generation:
            return before
        after = Pointer(generation, before.generation if before else None, iso(self.clock()), users)
        return self._move(after, "attribute_not_exists(pk) OR generation < :generation", {})

    def roll_back(self, to: str | None = None) -> Pointer:
        """Moves the pointer to a generation that still exists; without `to`, to the one before the current.

        Raises: GenerationMissing; GenerationSuperseded, if the pointer was moved by somebody else meanwhile.
        """
        before = self.pointer()
        if before is None:
            raise GenerationMissing(f"{self.use_case}: nothing is published yet for {self.variant}")
        existing = self.existing()
        older = [generation for generation in existing if generation.name < before.generation]
        target = self._named(existing, to) if to else (older[-1] if older else None)
        if target is None:
            raise GenerationMissing(f"{self.use_case}: no generation older than {before.generation} is left")
        remaining = [generation.name for generation in existing if generation.name < target.name]
        after = Pointer(target.name, remaining[-1] if remaining else None, iso(self.clock()), target.users)
        return self._move(after, "generation = :before", {":before": {"S": before.generation}})

    def _named(self, existing: Sequence[Generation], name: str) -> Generation:
        for generation in existing:
            if generation.name == name:
                return generation
        names = ", ".join(generation.name for generation in existing) or "none"
        raise GenerationMissing(
            f"{self.use_case}: generation {name} does not exist (any more); there are: {names}"
        )

    def _move(self, to: Pointer, condition: str, values: Attributes) -> Pointer:
        """A write whose answer is lost is sent again, and then refused, because it has happened."""
        values = values | {
            ":generation": {"S": to.generation},
            ":published_at": {"S": to.published_at},
            ":users": {"N": str(to.users)},
        }
        # An update, because members that a newer version has added must stay.
        changes = "SET generation = :generation, published_at = :published_at, #users = :users"
        if to.previous is None:
            changes += " REMOVE previous"
        else:
            changes += ", previous = :previous"
            values[":previous"] = {"S": to.previous}
        try:
            self.client.update_item(
                TableName=self.table,
                Key=self._pointer_key,
                UpdateExpression=changes,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#users": "users"},
                ExpressionAttributeValues=values,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            now = self.pointer()
            if now and now.generation == to.generation:
                return now
            raise GenerationSuperseded(
                f"{self.use_case}: the pointer was not moved to {to.generation}: "
                "a newer generation is served, or somebody else moved it at the same time"
            ) from error
        return to

    @property
    def _pointer_key(self) -> Attributes:
        return pointer_key(self.use_case, self.variant)


def _generation(item: Attributes) -> Generation:
    return Generation(
        name=item["sk"]["S"].partition("#")[2],
        users=int(item["users"]["N"]),
        created_at=item["created_at"]["S"],
        expires=int(item["expires"]["N"]),
    )
