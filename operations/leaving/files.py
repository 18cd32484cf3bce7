"""What Amazon Personalize's jobs have read and written in the stage's data bucket, run by run.

A run is Personalize's if a job bears its id, or if the variant `personalize` has a record of it. Where
another variant has a record of the same run, it used the same data sets and batch input, and only what
Personalize has written goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from config.types.variants import Personalize
from operations.estate.listing import code
from operations.leaving.jobs import Job
from operations.leaving.scope import Clients, Found, Scope, Stay, Thing
from pipeline import keys

FILES = "files"
_SHARED = "another variant has a record of this run and used them; the bucket's lifecycle removes them"
_NO_TAGS = ("NoSuchTagSet", "NoSuchBucket")


@dataclass(frozen=True)
class Runs:
    """personalize, others: ids of runs, by whose variant has to do with them."""

    personalize: frozenset[str]
    others: frozenset[str]


def buckets_of(clients: Clients, scope: Scope) -> list[str]:
    """Those that the stage's Data stack has made in the region, by name and tags, even if it is gone."""
    s3 = clients("s3")
    beginning = f"{scope.cdk_stage.lower()}-data-"
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return [name for name in names if name.startswith(beginning) and scope.confirmed(_tags(s3, name))]


def look(clients: Clients, scope: Scope, buckets: Sequence[str], jobs: Sequence[Job]) -> Found:
    s3, found = clients("s3"), Found()
    for bucket in buckets:
        for folder in sorted(_folders(s3, bucket, scope, jobs)):
            runs = _runs(s3, bucket, folder, scope, jobs)
            for run in sorted(runs.personalize):
                of = next((job.of for job in jobs if job.run == run), folder.replace("_", "-"))
                _add(s3, bucket, _Run(folder, run, of, run in runs.others), found)
    return found


def versions(s3: Any, thing: Thing) -> Iterator[dict[str, str]]:
    """Keys and ids of versions and delete markers below the place; none in a bucket that is gone."""
    bucket, prefix = thing.details["bucket"], thing.handle
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if not thing.details.get("direct") or "/" not in one["Key"].removeprefix(prefix):
                    yield {"Key": one["Key"], "VersionId": one["VersionId"]}
    except ClientError as error:
        if code(error) != "NoSuchBucket":
            raise


def place(bucket: str, prefix: str, of: str, *, direct: bool) -> Thing:
    """direct: only what lies right there, not in folders below."""
    name = f"s3://{bucket}/{prefix}{'*' if direct else ''}"
    return Thing(FILES, name, prefix, of, {"bucket": bucket, "direct": direct})


@dataclass(frozen=True)
class _Run:
    """shared: whether another variant has a record of it."""

    folder: str
    id: str
    of: str
    shared: bool


def _add(s3: Any, bucket: str, run: _Run, found: Found) -> None:
    batch = keys.batch(run.folder, run.id)
    datasets = keys.dataset(run.folder, run.id, "").rpartition("/")[0] + "/"
    whole = [place(bucket, prefix, run.of, direct=False) for prefix in (batch, datasets)]
    written = whole
    if run.shared:
        output = f"{batch}output/"
        written = [
            place(bucket, output, run.of, direct=True),
            place(bucket, f"{output}{Personalize.name}/", run.of, direct=False),
        ]
        found.stays += [Stay(FILES, one.name, _SHARED) for one in whole if _any(versions(s3, one))]
    found.things += [one for one in written if _any(versions(s3, one))]


def _folders(s3: Any, bucket: str, scope: Scope, jobs: Sequence[Job]) -> set[str]:
    """Folders of use cases are named after them, with _ and without their version."""
    there = {folder for top in ("batch", "datasets", "runs") for folder in _below(s3, bucket, f"{top}/")}
    named = {name for job in jobs if job.run for name in _folders_of(job)}
    return {folder for folder in there if folder in named or scope.holds(folder.replace("_", "-"))}


def _folders_of(job: Job) -> set[str]:
    name = job.of.replace("-", "_")
    return {name, name.rstrip("0123456789")}


def _runs(s3: Any, bucket: str, folder: str, scope: Scope, jobs: Sequence[Job]) -> Runs:
    by_variant = {
        variant: set(_records(s3, bucket, f"runs/{folder}/{variant}/"))
        for variant in _below(s3, bucket, f"runs/{folder}/")
    }
    own = by_variant.pop(Personalize.name, set())
    started = {job.run for job in jobs if job.run and folder in _folders_of(job)}
    others = frozenset(run for runs in by_variant.values() for run in runs)
    recorded = own if scope.holds(folder.replace("_", "-")) else set()
    return Runs(frozenset(recorded | started), others)


def _records(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Contents", ()):
            name = one["Key"].removeprefix(prefix).removesuffix(".json")
            if name[:1].isdigit():
                yield name


def _below(s3: Any, bucket: str, prefix: str) -> set[str]:
    """Names of folders right below a prefix, those too of which only old versions are left."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix, Delimiter="/")
    return {
        one["Prefix"].removeprefix(prefix).rstrip("/")
        for page in pages
        for one in page.get("CommonPrefixes", ())
    }


def _tags(s3: Any, bucket: str) -> dict[str, str]:
    try:
        return {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]}
    except ClientError as error:
        if code(error) in _NO_TAGS:
            return {}
        raise


def _any(versions: Iterable[Any]) -> bool:
    return next(iter(versions), None) is not None
