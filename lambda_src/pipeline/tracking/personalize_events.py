"""Tells Amazon Personalize of events, ten at a time, without letting one bad event hold up the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.tracking.event import IMPRESSION, Event, digest

PER_CALL = 10
_CALLS_AT_ONCE = 8
_REFUSED = "InvalidInputException"


@dataclass(frozen=True)
class Undelivered:
    """An event that was not taken, and why."""

    event: Event
    reason: str


def send(client: Any, tracking_id: str, events: Sequence[Event]) -> list[Undelivered]:
    """Sends all but impressions; `client` is one of personalize-events.

    What was sent before may be sent again: the service knows it by its id.
    """
    calls = list(_calls([event for event in events if event.type != IMPRESSION]))
    with ThreadPoolExecutor(max_workers=_CALLS_AT_ONCE, thread_name_prefix="put-events") as threads:
        answers = threads.map(lambda call: _send(client, tracking_id, call), calls)
        return [undelivered for answer in answers for undelivered in answer]


def _calls(events: Sequence[Event]) -> Iterator[list[Event]]:
    """A call is of one user and session."""
    together: dict[tuple[str | None, str], list[Event]] = {}
    for event in events:
        together.setdefault((event.user_id, _session(event)), []).append(event)
    for same in together.values():
        for start in range(0, len(same), PER_CALL):
            yield same[start : start + PER_CALL]


def _session(event: Event) -> str:
    """Who is known without a session gets one that nobody can name: posted sessions have no colon."""
    return event.session_id or f"user:{digest(str(event.user_id))}"


def _send(client: Any, tracking_id: str, events: Sequence[Event]) -> list[Undelivered]:
    """When a call is refused, its halves are sent on their own, until the bad events are alone."""
    user = events[0].user_id
    try:
        client.put_events(
            trackingId=tracking_id,
            sessionId=_session(events[0]),
            eventList=[_entry(event) for event in events],
            **({"userId": user} if user is not None else {}),
        )
    except ClientError as error:
        details = error.response["Error"]
        if details["Code"] == _REFUSED and len(events) > 1:
            middle = len(events) // 2
            return [
                *_send(client, tracking_id, events[:middle]),
                *_send(client, tracking_id, events[middle:]),
            ]
        reason = f"{details['Code']}: {details.get('Message', '')}"
        return [Undelivered(event, reason) for event in events]
    except BotoCoreError as error:
        return [Undelivered(event, f"{type(error).__name__}: {error}") for event in events]
    return []


def _entry(event: Event) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "eventId": event.claim,
        "eventType": event.type,
        "itemId": event.item_id,
        "sentAt": event.timestamp,
    }
    if event.recommendation_id is not None:
        entry["recommendationId"] = event.recommendation_id
    return entry
