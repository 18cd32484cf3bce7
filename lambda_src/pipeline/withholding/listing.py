"""Who has opted out, as a run's file: functions that extract datasets may have no way to the table."""

from __future__ import annotations

from typing import TypedDict

from pipeline import keys
from pipeline.errors import ObjectMissing
from pipeline.storage import Bucket
from pipeline.withholding.opt_out_list import OptOutList


class Listed(TypedDict):
    """key: of the file. users: how many have opted out."""

    key: str
    users: int


def list_opt_outs(bucket: Bucket, people: OptOutList, use_case: str, run: str) -> Listed:
    """Raises: StorageFailed; whatever the table's client raises."""
    users = [one.user for one in people.everybody()]
    key = keys.opted_out(use_case, run)
    bucket.write_json(key, users)
    return {"key": key, "users": len(users)}


def read_opt_outs(bucket: Bucket, key: str | None) -> frozenset[str]:
    """key: None, of a run that began before there were any: nobody.

    Raises: ObjectMissing, if the run's file is gone; StorageFailed.
    """
    if key is None:
        return frozenset()
    users: list[str] | None = bucket.read_json(key)
    if users is None:
        raise ObjectMissing(f"{bucket.url(key)}, who has opted out, is gone: start another run")
    return frozenset(users)
