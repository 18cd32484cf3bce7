"""Input and output of jobs: objects in S3 or whatever speaks its API at the configured endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from personalize_server.facts.failures import JobFailed
from personalize_server.objects.locations import Location
from personalize_server.objects.roles import assumed

_DENIED = {
    "AccessDenied",
    "403",
    "Forbidden",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AllAccessDisabled",
}
_ABSENT = {"NoSuchKey", "NoSuchBucket", "404", "NotFound"}
_BLOCK = 1024 * 1024
DENIED_TEXT = "Insufficient privileges for accessing data in Amazon S3."


@dataclass(frozen=True)
class Found:
    location: Location
    size: int


class Objects(Protocol):
    """Where jobs read and write; failures carry the texts of the service."""

    def below(self, prefix: Location, *, deep: bool = True) -> list[Found]:
        """Objects whose key starts with the prefix, by key; not deep: only the first level of a folder."""

    def find(self, location: Location) -> Found | None: ...

    def blocks(self, location: Location) -> Iterator[bytes]: ...

    def upload(self, path: Path, location: Location) -> None: ...

    def put(self, location: Location, body: bytes) -> None: ...


class S3Objects:
    """Objects in S3 or at an endpoint that speaks its API."""

    def __init__(self, endpoint: str | None, region: str, role: str | None = None) -> None:
        config = Config(
            retries={"mode": "standard", "max_attempts": 5},
            s3={"addressing_style": "path"} if endpoint else {},
            connect_timeout=10,
            read_timeout=60,
        )
        session = _session() if role is None else assumed(role, endpoint, region)
        self._client: Any = session.client("s3", endpoint_url=endpoint, region_name=region, config=config)

    def below(self, prefix: Location, *, deep: bool = True) -> list[Found]:
        found = []
        with _named(str(prefix)):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=prefix.bucket, Prefix=prefix.key
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    key = entry["Key"]
                    if not key.endswith("/") and (deep or "/" not in key[len(prefix.key) :]):
                        found.append(Found(Location(prefix.bucket, key), entry["Size"]))
        return found

    def find(self, location: Location) -> Found | None:
        try:
            with _named(str(location)):
                head = self._client.head_object(Bucket=location.bucket, Key=location.key)
        except Absent:
            return None
        return Found(location, head["ContentLength"])

    def blocks(self, location: Location) -> Iterator[bytes]:
        """The object's bytes; a connection that breaks is resumed where it broke."""
        at, whole = 0, None
        for attempt in range(5):
            with _named(str(location), last=attempt == 4):
                answer = self._client.get_object(
                    Bucket=location.bucket, Key=location.key, **({"Range": f"bytes={at}-"} if at else {})
                )
                whole = whole if whole is not None else answer["ContentLength"]
                for block in answer["Body"].iter_chunks(_BLOCK):
                    at += len(block)
                    yield block
            if at >= whole:
                return

    def upload(self, path: Path, location: Location) -> None:
        with _named(str(location)):
            self._client.upload_file(str(path), location.bucket, location.key)

    def put(self, location: Location, body: bytes) -> None:
        with _named(str(location)):
            self._client.put_object(Bucket=location.bucket, Key=location.key, Body=body)


@cache
def _session() -> Any:
    """Shared, because it keeps the parsed description of S3."""
    return boto3.session.Session()


def warm_up() -> None:
    """Makes the first use of S3 in a process forked from this one quick.

    What is wrong with the surroundings (a profile that does not exist) is told by the jobs that need S3.
    """
    with suppress(BotoCoreError):
        S3Objects(None, "us-east-1")


class Absent(JobFailed):
    """There is no such object or bucket."""


@contextmanager
def _named(what: str, *, last: bool = True) -> Iterator[None]:
    try:
        yield
    except ClientError as problem:
        code = problem.response["Error"]["Code"]
        if code in _DENIED:
            raise JobFailed(DENIED_TEXT) from None
        if code in _ABSENT:
            raise Absent(f"Invalid Data location. There is no {what}.") from None
        raise JobFailed(f"Accessing {what} failed: {code}") from problem
    except BotoCoreError as problem:
        if last:
            raise JobFailed(f"Accessing {what} failed: {type(problem).__name__}") from problem
    except OSError as problem:
        if last:
            raise JobFailed(f"Accessing {what} failed: {problem}") from problem
