"""Which generation of recommendations is served, and which others could be.

A generation is known by its popular list: it is stored right before the generation is published and expires
with the generation's user lists. The pointer names the generation that readers see.

A stage may be switched from one region to another, and each switch begins an epoch. Tables copy items from
region to region, and of two copies the one that was written last stays, whatever it says. So no region writes
a pointer that another one writes: each has one of its own from epoch 1 on, and readers go by the pointer of
the highest epoch. What a region publishes that does not know yet that it is not the active one any more can
come late, and hide nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from pipeline.errors import Fenced, GenerationMissing, GenerationSuperseded
from pipeline.formats import known
from pipeline.serving_items import (
    Attributes,
    list_item,
    pointed_variant,
    pointer_key,
    pointer_pk,
    popular_key,
)
from pipeline.terms import Rank, Term
from pipeline.times import iso


@dataclass(frozen=True)
class Pointer:
    """What readers see now; `previous` is what they saw before, in the same epoch. region, epoch: that
    published it.
    """

    generation: str
    previous: str | None
    published_at: str
    users: int
    region: str | None = None
    epoch: int | None = None

    @property
    def rank(self) -> Rank:
        return Term(self.epoch or 0, self.region).rank


@dataclass(frozen=True)
class Generation:
    """A generation whose lists are still there; `users` have a list in it."""

    name: str
    users: int
    created_at: str
    expires: int


@dataclass(frozen=True)
class Generations:
    """The generations of one use case and variant in the serving table; `client` is a DynamoDB client.
    term: in whose name the pointer is moved.
    """

    client: Any
    table: str
    use_case: str
    variant: str
    clock: Callable[[], float] = time.time
    term: Term = field(default_factory=Term)

    def pointer(self) -> Pointer | None:
        """Of the highest epoch. Raises: UnknownFormat, if a newer version wrote one."""
        answer = self.client.query(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :variant)",
            ExpressionAttributeValues={
                ":pk": {"S": pointer_pk(self.use_case)},
                ":variant": {"S": self.variant},
            },
            ConsistentRead=True,
        )
        mine = [item for item in answer["Items"] if pointed_variant(item["sk"]["S"]) == self.variant]
        found = [_pointer(known(item, f"the pointer of {self.use_case}")) for item in mine]
        return max(found, key=lambda pointer: pointer.rank, default=None)

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

        Raises: GenerationSuperseded, if readers already see a newer generation; Fenced, if they see one of a
        higher epoch; UnknownFormat.
        """
        before = self._before()
        if before and before.generation == generation:
            return before
        # What readers saw in an earlier epoch each region's copy of the table knows best.
        previous = before.generation if before and before.rank == self.term.rank else None
        after = self._to(generation, previous, users)
        return self._move(after, _NEWER, {})

    def roll_back(self, to: str | None = None) -> Pointer:
        """Moves the pointer to a generation that still exists; without `to`, to the one before the current.

        Raises: GenerationMissing; GenerationSuperseded, if the pointer was moved by somebody else meanwhile;
        Fenced, if readers see a generation of a higher epoch; UnknownFormat.
        """
        before = self._before()
        if before is None:
            raise GenerationMissing(f"{self.use_case}: nothing is published yet for {self.variant}")
        existing = self.existing()
        older = [generation for generation in existing if generation.name < before.generation]
        target = self._named(existing, to) if to else (older[-1] if older else None)
        if target is None:
            raise GenerationMissing(f"{self.use_case}: no generation older than {before.generation} is left")
        remaining = [generation.name for generation in existing if generation.name < target.name]
        after = self._to(target.name, remaining[-1] if remaining else None, target.users)
        if before.rank < self.term.rank:
            return self._move(after, "attribute_not_exists(pk) OR epoch < :epoch", {})
        return self._move(after, "generation = :before", {":before": {"S": before.generation}})

    def _before(self) -> Pointer | None:
        """Raises: Fenced, UnknownFormat."""
        before = self.pointer()
        if before and before.rank > self.term.rank:
            raise Fenced(
                f"{self.use_case}: readers see lists of epoch {before.epoch}, which {before.region} has "
                f"published: nothing of epoch {self.term.epoch} can follow them"
            )
        return before

    def _to(self, generation: str, previous: str | None, users: int) -> Pointer:
        epoch = None if self.term.region is None else self.term.epoch
        return Pointer(generation, previous, iso(self.clock()), users, self.term.region, epoch)

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
        names = {"#users": "users"}
        if ":epoch" in condition:
            values[":epoch"] = {"N": str(self.term.epoch)}
        if to.region is not None:
            changes += ", epoch = :epoch, #region = :region"
            values |= {":epoch": {"N": str(self.term.epoch)}, ":region": {"S": to.region}}
            names["#region"] = "region"
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
                ExpressionAttributeNames=names,
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
        return pointer_key(self.use_case, self.variant, self.term.region if self.term.epoch else None)


_NEWER = (
    "attribute_not_exists(pk) OR ((attribute_not_exists(epoch) OR epoch <= :epoch)"
    " AND (generation < :generation OR epoch < :epoch))"
)


def _pointer(item: Mapping[str, Any]) -> Pointer:
    return Pointer(
        generation=item["generation"]["S"],
        previous=item.get("previous", {}).get("S"),
        published_at=item["published_at"]["S"],
        users=int(item["users"]["N"]),
        region=item.get("region", {}).get("S"),
        epoch=int(item["epoch"]["N"]) if "epoch" in item else None,
    )


def _generation(item: Attributes) -> Generation:
    return Generation(
        name=item["sk"]["S"].partition("#")[2],
        users=int(item["users"]["N"]),
        created_at=item["created_at"]["S"],
        expires=int(item["expires"]["N"]),
    )
