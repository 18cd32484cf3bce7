"""The table beside: made by a restore to a point in time, found again later, removed if it is ours."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from pipeline.errors import PipelineError

RESTORED, DRILL = "restored", "drill"
"""In names."""
TAG = "restored-by"
"""Of tables that this command has made. DynamoDB restores no tags: nobody else's restored table has it."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_LOOK_SECONDS = 10.0
_FIRST_LOOK_SECONDS = 0.5


class RestoreRefused(PipelineError):
    """Nothing has been done; the message has every reason, one a line."""


class RestoreFailed(PipelineError):
    """What was begun is not done; the message says how to go on."""


def name_beside(table: str, at: datetime, what: str) -> str:
    """The same for the same moment, so that a later call finds it."""
    return f"{table}-{what}-{at:%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """table: the source's name. at: in UTC, to the second. by: the value of the tag."""

    table: str
    at: datetime
    beside: str
    by: str


@dataclass(frozen=True)
class Beside:
    """client: of DynamoDB. say: tells whoever waits."""

    client: Any
    wanted: Wanted
    say: Callable[[str], None] = print
    sleep: Callable[[float], None] = time.sleep

    def found(self) -> dict[str, Any] | None:
        """DescribeTable of what an earlier call has begun; see `problems` for what else it may be."""
        return described(self.client, self.wanted.beside)

    def problems(self) -> list[str]:
        """Why it cannot be restored, and nothing else."""
        wanted = self.wanted
        source = described(self.client, wanted.table)
        region = self.client.meta.region_name
        if source is None:
            return [f"there is no table {wanted.table} in {region}"]
        found, problems = self.found(), []
        if not _NAME.fullmatch(wanted.beside):
            problems.append(
                f"{wanted.beside!r} is no name of a table: 3 to 255 letters, digits, and _ . -"
                + (": name one by --to" if len(wanted.beside) > 255 else "")
            )
        if found is not None and not self._is_it(found, source):
            problems.append(
                f"{wanted.beside} is there and is not {wanted.table} as of {wanted.at:%Y-%m-%dT%H:%M:%SZ}: "
                "name another table by --to"
            )
        if found is None:
            problems += self._outside()
        return problems

    def _is_it(self, found: dict[str, Any], source: dict[str, Any]) -> bool:
        summary = found.get("RestoreSummary", {})
        if summary.get("SourceTableArn") != source["TableArn"]:
            return False
        at: datetime = summary["RestoreDateTime"]
        return abs((at - self.wanted.at).total_seconds()) < 1

    def _outside(self) -> list[str]:
        wanted = self.wanted
        window = window_of(self.client, wanted.table)
        if window is None:
            return [f"{wanted.table} has no point-in-time recovery: nothing of its past is kept"]
        earliest, latest = window
        if earliest.replace(microsecond=0) <= wanted.at <= latest:
            return []
        return [
            f"{wanted.at:%Y-%m-%dT%H:%M:%SZ} is outside of what can be restored of {wanted.table}: "
            f"{earliest:%Y-%m-%dT%H:%M:%SZ} to {latest:%Y-%m-%dT%H:%M:%SZ}"
            + (", and what is later in some minutes" if wanted.at > latest else "")
        ]

    def begin(self) -> bool:
        """Whether this call has; else it is there."""
        if self.found() is not None:
            self.say(f"{self.wanted.beside} is there: going on with it")
            return False
        self.client.restore_table_to_point_in_time(
            SourceTableName=self.wanted.table,
            TargetTableName=self.wanted.beside,
            RestoreDateTime=self.wanted.at,
        )
        self.say(
            f"restoring {self.wanted.table} as of {self.wanted.at:%Y-%m-%dT%H:%M:%SZ} to {self.wanted.beside}"
        )
        return True

    def wait(self, *, ours: bool) -> None:
        """Until it can be read; then it has our tag, if it is ours. Raises: RestoreFailed."""
        waited, pause = 0.0, _FIRST_LOOK_SECONDS
        while True:
            found = self.found()
            if found is None:
                raise RestoreFailed(f"{self.wanted.beside} is gone: somebody has removed it")
            if found["TableStatus"] == "ACTIVE" and not found.get("RestoreSummary", {}).get(
                "RestoreInProgress"
            ):
                break
            if found["TableStatus"] not in ("CREATING", "ACTIVE"):
                raise RestoreFailed(f"{self.wanted.beside} is {found['TableStatus']}")
            if waited >= _LOOK_SECONDS:
                self.say(f"  {found['TableStatus']} after {waited:.0f} s; minutes to hours are usual")
            self.sleep(pause)
            waited, pause = waited + pause, min(_LOOK_SECONDS, 2 * pause)
        if ours and not _is_tagged(self.client, found, self.wanted.by):
            tags = [{"Key": TAG, "Value": self.wanted.by}]
            self.client.tag_resource(ResourceArn=found["TableArn"], Tags=tags)

    def remove(self) -> str | None:
        """Why it stays."""
        return removed(self.client, self.wanted.beside, self.wanted.by)


def described(client: Any, table: str) -> dict[str, Any] | None:
    """None, if it is not there."""
    try:
        found: dict[str, Any] = client.describe_table(TableName=table)["Table"]
        return found
    except client.exceptions.ResourceNotFoundException:
        return None


def window_of(client: Any, table: str) -> tuple[datetime, datetime] | None:
    """The earliest and the latest moment that the table can be restored to."""
    told = client.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = told.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        return None
    return recovery["EarliestRestorableDateTime"], recovery["LatestRestorableDateTime"]


def _has_our_name(table: dict[str, Any]) -> bool:
    """That of its source and its moment: what was ended before it could have its tag."""
    summary = table.get("RestoreSummary", {})
    if "RestoreDateTime" not in summary or "SourceTableArn" not in summary:
        return False
    source, at = summary["SourceTableArn"].rpartition("/")[2], summary["RestoreDateTime"].astimezone(UTC)
    return table["TableName"] in (name_beside(source, at, RESTORED), name_beside(source, at, DRILL))


def _is_tagged(client: Any, table: dict[str, Any], by: str) -> bool:
    tags = client.list_tags_of_resource(ResourceArn=table["TableArn"]).get("Tags", [])
    return "RestoreSummary" in table and {"Key": TAG, "Value": by} in tags


def removed(client: Any, table: str, by: str) -> str | None:
    """Why it stays: neither its name nor its tag says that this command has made it."""
    found = described(client, table)
    if found is None:
        return None
    if not (_has_our_name(found) or _is_tagged(client, found, by)):
        return f"{table} stays: it has no tag {TAG}={by}, so somebody else may have made it"
    try:
        client.delete_table(TableName=table)
    except ClientError as error:
        return f"{table} stays: {error}"
    return None
