"""AWS in memory: its region, the names of what tests make there, clients, and what others see of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

import boto3

from pipeline.storage import Bucket

BUCKET, TABLE, REGION = "data-bucket", "recs-test-serving", "eu-west-1"


@cache  # Making a client takes longer than most tests.
def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


_NOTHING: dict[str, Any] = {"Items": [], "Count": 0}


@dataclass(frozen=True)
class LaggingReads:
    """In the place of a client of DynamoDB: eventually consistent reads know nothing yet."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def get_item(self, **asked: Any) -> Any:
        return self.client.get_item(**asked) if asked.get("ConsistentRead") else {}

    def query(self, **asked: Any) -> Any:
        return self.client.query(**asked) if asked.get("ConsistentRead") else _NOTHING

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> Any:
        consistent = {name: keys for name, keys in RequestItems.items() if keys.get("ConsistentRead")}
        return self.client.batch_get_item(RequestItems=consistent) if consistent else {"Responses": {}}

    def get_paginator(self, name: str) -> _Pages:
        return _Pages(self.client.get_paginator(name))


@dataclass(frozen=True)
class _Pages:
    paginator: Any

    def paginate(self, **asked: Any) -> Iterator[Any]:
        return iter(self.paginator.paginate(**asked) if asked.get("ConsistentRead") else [_NOTHING])


@dataclass(frozen=True)
class _WrittenLater:
    """S3 whose objects were written an hour later."""

    client: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def get_object(self, **asked: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get_object(**asked)
        return {**answer, "LastModified": answer["LastModified"] + timedelta(hours=1)}


def with_newer_copy(bucket: Bucket, key: str, record: Any) -> Bucket:
    """The same bucket, with another region's record under the key."""
    copies = Bucket(_WrittenLater(bucket.client), f"{bucket.name}-copies")
    copies.client.create_bucket(Bucket=copies.name, CreateBucketConfiguration={"LocationConstraint": REGION})
    copies.write_json(key, record)
    return replace(bucket, copies=copies)
