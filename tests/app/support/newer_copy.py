"""A bucket beside which lies what another region wrote later, as after a switch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pipeline.storage import Bucket
from tests.app.support.in_memory import REGION


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
