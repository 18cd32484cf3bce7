"""The in-app inbox: entries newest first, in pages, and marking them as read."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pipeline.notifications.table import Attributes, NotificationTable, inbox_sk, key, user_pk
from pipeline.times import iso

_TEXTS = (
    "title",
    "body",
    "createdAt",
    "notification",
    "useCase",
    "itemId",
    "url",
    "variant",
    "generation",
    "readAt",
)
_ENTRY = re.compile(r"\d{4}-W\d{2}\.[a-z0-9_]{1,32}")


class NoSuchEntry(LookupError):
    """The user has no such entry (any more)."""


class BadCursor(ValueError):
    """Not one that was handed out."""


@dataclass(frozen=True)
class Page:
    entries: list[dict[str, Any]]
    next_cursor: str | None


def is_entry(text: object) -> bool:
    return isinstance(text, str) and bool(_ENTRY.fullmatch(text))


def read_page(
    table: NotificationTable,
    user: str,
    *,
    limit: int,
    cursor: str | None,
    now: float,
    denied: Callable[[str], Collection[str]],
) -> Page:
    """Newest first. A cursor is the last entry of the page before. denied: items of a use case, entries about
    which are left out, so that a page may be short. Raises: BadCursor.
    """
    values: Attributes = {
        ":pk": {"S": user_pk(user)},
        ":first": {"S": inbox_sk("")},
        ":last": {"S": inbox_sk(_entry_of(cursor) if cursor else "~")},
    }
    answer = table.client.query(
        TableName=table.name,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues=values,
        ScanIndexForward=False,
        # One more than asked for tells whether there is a next page; the cursor's own comes again.
        Limit=limit + 2,
    )
    found = [_entry(item) for item in answer["Items"] if int(item["expires"]["N"]) > now]
    if cursor:
        found = [entry for entry in found if entry["entryId"] != _entry_of(cursor)]
    page, rest = found[:limit], found[limit:]
    shown = [entry for entry in page if entry.get("itemId") not in denied(entry.get("useCase", ""))]
    return Page(shown, _cursor_of(page[-1]["entryId"]) if rest and page else None)


def mark_read(table: NotificationTable, user: str, entry: str, *, now: float) -> dict[str, Any]:
    """The entry; the first time counts. Raises: NoSuchEntry."""
    try:
        answer = table.client.update_item(
            TableName=table.name,
            Key=key(user_pk(user), inbox_sk(entry)),
            UpdateExpression="SET readAt = if_not_exists(readAt, :now)",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeValues={":now": {"S": iso(now)}},
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise NoSuchEntry(entry) from error
    return _entry(answer["Attributes"])


def _entry(item: Attributes) -> dict[str, Any]:
    texts = {name: item[name]["S"] for name in _TEXTS if name in item}
    experiment = {"experiment": int(item["experiment"]["S"])} if "experiment" in item else {}
    return {"entryId": item["sk"]["S"].partition("#")[2], **texts, **experiment, "read": "readAt" in item}


def _cursor_of(entry: str) -> str:
    return base64.urlsafe_b64encode(entry.encode()).decode().rstrip("=")


def _entry_of(cursor: str) -> str:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        entry = raw.decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise BadCursor(cursor) from error
    if not is_entry(entry):
        raise BadCursor(cursor)
    return entry
