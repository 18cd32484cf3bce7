"""Removes everything from a bucket: objects, their versions, delete markers, unfinished uploads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.errors import CleanUpUnfinished


def empty_bucket(s3: Any, bucket: str, *, seconds_left: Callable[[], float]) -> int:
    """How many versions were removed; a bucket that is gone is empty.

    Raises: CleanUpUnfinished, if less than a page's worth of time is left.
    """
    try:
        _abort_uploads(s3, bucket)
        return _delete_versions(s3, bucket, seconds_left)
    except s3.exceptions.NoSuchBucket:
        return 0


def _delete_versions(s3: Any, bucket: str, seconds_left: Callable[[], float]) -> int:
    removed = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not versions:
            continue
        if seconds_left() < 15:
            raise CleanUpUnfinished(f"{bucket}: {removed:,} versions removed, more are left; delete again")
        objects = [{"Key": version["Key"], "VersionId": version["VersionId"]} for version in versions]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        if errors := answer.get("Errors"):
            first = errors[0]
            raise CleanUpUnfinished(f"{bucket}: {first['Key']}: {first['Code']}: {first.get('Message', '')}")
        removed += len(objects)
    return removed


def _abort_uploads(s3: Any, bucket: str) -> None:
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
