"""Lines of stored events: those that the product writes by one pattern, all others as JSON one by one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

TOO_LARGE = 1 << 32
"""Numbers of an event have 32 bits."""
_LINE = re.compile(
    rb'^\{"event_id":"[^"]*","use_case":"[^"]*","type":"([^"]+)","item_id":"([^"]+)","timestamp":(\d{1,10}),'
    rb'"received_at":\d+,"source":"([^"]+)","variant":"[^"]*"'
    rb'(?:,"user_id":"([^"]+)"(?:,"session_id":"[^"]*")?|,"session_id":"([^"]+)")(?:,"generation":"[^"]*")?'
    rb'(?:,"recommendation_id":"([^"]+)")?(?:,"arm":"([^"]+)")?(?:,"experiment":(\d{1,10}))?'
    rb'(?:,"region":"[^"]*")?(?:,"epoch":\d+)?(?:,"fenced":true)?\}$',
    re.MULTILINE,
)
"""As `batch.packed` writes them, of text without escapes."""
_BEYOND = (b"\\", b"\r")


class Line(NamedTuple):
    """Texts in UTF-8; empty: not there. One of user and session is there."""

    type: bytes
    item: bytes
    timestamp: bytes
    source: bytes
    user: bytes
    session: bytes
    shown_in: bytes
    arm: bytes
    experiment: bytes


@dataclass(frozen=True)
class Lines:
    """found: of each event what `Line` names, in its order. unreadable: lines that are no events."""

    found: list[tuple[bytes, ...]]
    unreadable: int = 0


def by_pattern(text: bytes) -> Lines | None:
    """text: of lines, each ended. None: some are of another kind. Numbers may have more than 32 bits."""
    if not text.isascii() or any(sign in text for sign in _BEYOND):
        return None
    found = _LINE.findall(text)
    return Lines(found) if len(found) == text.count(b"\n") else None


def one_by_one(text: bytes) -> Lines:
    read = [_read(line) for line in text.splitlines()]
    found: list[tuple[bytes, ...]] = [line for line in read if line is not None]
    return Lines(found, len(read) - len(found))


def _read(line: bytes) -> Line | None:
    try:
        event = json.loads(line)
        user, moment, version = event.get("user_id"), event["timestamp"], event.get("experiment", 0)
        session = event["session_id"] if user is None else ""
        texts = (
            *(event["type"], event["item_id"], str(moment), event["source"], user or "", session),
            *(event.get("recommendation_id") or "", event.get("arm", ""), str(version)),
        )
        if not all(type(text) is str for text in texts) or not (user or session):
            return None
        return Line(*(text.encode() for text in texts)) if _small(moment) and _small(version) else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _small(number: Any) -> bool:
    return type(number) is int and 0 <= number < TOO_LARGE
