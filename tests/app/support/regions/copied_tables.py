"""A DynamoDB table in two regions, copied item by item, late and in any order; the last writer wins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import boto3
from botocore.exceptions import EndpointConnectionError

Key = tuple[str, str]
_NAMES = count()


@cache  # Making a client takes longer than most histories.
def _client(region: str) -> Any:
    return boto3.client("dynamodb", region_name=region, aws_access_key_id="t", aws_secret_access_key="t")


@dataclass(frozen=True)
class Copy:
    """An item as a region has written it, on its way; None: deleted. at: when, by a clock that all share."""

    key: Key
    item: dict[str, Any] | None
    at: int


@dataclass
class Region:
    """A client of DynamoDB that notes what it writes. leaving: what the other region has not got yet."""

    name: str
    table: str
    client: Any
    clock: Iterator[int]
    up: bool = True
    leaving: list[Copy] = field(default_factory=list)
    written: dict[Key, int] = field(default_factory=dict)

    def __getattr__(self, operation: str) -> Any:
        real = getattr(self.client, operation)
        if operation not in _KEYS:
            return real

        def call(**arguments: Any) -> Any:
            answer = real(**arguments)
            for pk, sk in map(_plain, _KEYS[operation](arguments)):
                self._leave((pk, sk))
            return answer

        return call

    def _leave(self, key: Key) -> None:
        item = self.client.get_item(TableName=self.table, Key=_stored(key), ConsistentRead=True).get("Item")
        self.written[key] = next(self.clock)
        self.leaving.append(Copy(key, item, self.written[key]))

    def take(self, copy: Copy) -> None:
        """Unless what is here was written later."""
        if copy.at < self.written.get(copy.key, -1):
            return
        self.written[copy.key] = copy.at
        if copy.item is None:
            self.client.delete_item(TableName=self.table, Key=_stored(copy.key))
        else:
            self.client.put_item(TableName=self.table, Item=copy.item)


def _of_transaction(arguments: Any) -> Iterator[Any]:
    for write in arguments["TransactItems"]:
        [(kind, request)] = write.items()
        yield request["Item"] if kind == "Put" else request["Key"]


_KEYS: dict[str, Callable[[Any], Any]] = {
    "put_item": lambda arguments: [arguments["Item"]],
    "update_item": lambda arguments: [arguments["Key"]],
    "delete_item": lambda arguments: [arguments["Key"]],
    "transact_write_items": _of_transaction,
}


def _plain(item: Any) -> Key:
    return item["pk"]["S"], item["sk"]["S"]


def _stored(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


@dataclass
class Asked:
    """A region's client as another region reaches it."""

    region: Region
    reached: Callable[[], bool]

    def query(self, **arguments: Any) -> Any:
        if not self.reached():
            raise EndpointConnectionError(endpoint_url=self.region.name)
        return self.region.query(**arguments)


@dataclass
class Tables:
    """connected: whether anything gets from one region to the other."""

    regions: dict[str, Region]
    connected: bool = True

    @classmethod
    def made(cls, names: tuple[str, str]) -> Tables:
        clock, table = count(), f"recs-{next(_NAMES)}"
        regions = {name: Region(name, table, _client(name), clock) for name in names}
        keys = ("pk", "sk")
        for region in regions.values():
            region.client.create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(keys, ("HASH", "RANGE"), strict=True)
                ],
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            )
        return cls(regions)

    def other(self, name: str) -> Region:
        [other] = (region for region in self.regions.values() if region.name != name)
        return other

    def reaching(self) -> bool:
        return self.connected and all(region.up for region in self.regions.values())

    def asked(self, name: str) -> Asked:
        return Asked(self.regions[name], self.reaching)

    def deliver(self, name: str, order: Callable[[int], int], most: int | None = None) -> None:
        """What the region has written reaches the other one; order: which one of so many is next."""
        leaving = self.regions[name].leaving
        while leaving and most != 0 and self.reaching():
            self.other(name).take(leaving.pop(order(len(leaving))))
            most = None if most is None else most - 1
