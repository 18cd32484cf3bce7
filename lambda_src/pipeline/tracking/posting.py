"""What applications post, checked: events, and attributes of users and items."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.columns import INTEGER_BITS, Column
from pipeline.http.caller import Caller
from pipeline.http.checks import SESSION, Checks
from pipeline.names import camel_case
from pipeline.tracking.attributes import MOST_CHARACTERS, Attributes, properties
from pipeline.tracking.event import Event
from pipeline.tracking.use_cases import TrackedUseCase

MOST_EVENTS = 100
SOURCES = ("batch", "campaign", "realtime", "popular", "catalogue")
VARIANTS = ("personalize", "own", "heuristic")
LATEST_VERSION = 99_999_999
"""Of an experiment."""
OLDEST_DAYS = 7
"""An event can be repeated for as long as this; claims of events are kept for longer."""
LATEST_SECONDS = 300
"""How far ahead a caller's clock may be."""
EVENT_ID = r"[A-Za-z0-9._:-]{1,128}"
_GENERATION = r"[A-Za-z0-9-]{1,64}"
_RECOMMENDATION = r"[A-Za-z0-9_-]{1,40}"
_DAY = 86_400
_MEMBERS = (
    "eventId",
    "useCase",
    "type",
    "itemId",
    "userId",
    "sessionId",
    "occurredAt",
    "source",
    "variant",
    "generation",
    "recommendationId",
    "experiment",
)
_CASES = "must be one of the use cases that are tracked: {}"


def posted_events(
    body: Any, caller: Caller, use_cases: Mapping[str, TrackedUseCase], *, now: float
) -> list[Event]:
    """Raises: BadRequest, with every mistake of every event; Unauthorized, Forbidden, for another's."""
    checks = Checks()
    given = checks.object("body", body)
    checks.nothing_else("body", given, ("events",))
    entries = given.get("events")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_EVENTS:
        checks.refuse("body.events", f"must be a list of 1 to {MOST_EVENTS} events")
        entries = []
    events = [
        _event(checks, f"body.events[{number}]", entry, use_cases, now)
        for number, entry in enumerate(entries)
    ]
    _refuse_repeated(checks, events)
    checks.done()
    for user_id in {event.user_id for event in events if event and event.user_id is not None}:
        caller.check_user(user_id)
    return [event for event in events if event]


def _event(
    checks: Checks, where: str, entry: Any, use_cases: Mapping[str, TrackedUseCase], now: float
) -> Event | None:
    before = len(checks.mistakes)
    given = checks.object(where, entry)
    if not isinstance(entry, dict):
        return None
    checks.nothing_else(where, given, _MEMBERS)
    name = given.get("useCase")
    use_case = use_cases.get(name) if isinstance(name, str) else None
    if use_case is None:
        checks.refuse(f"{where}.useCase", _CASES.format(", ".join(use_cases)))
    elif given.get("type") not in use_case.accepted_types:
        checks.refuse(
            f"{where}.type", f"must be one of {', '.join(use_case.accepted_types)} in {use_case.name}"
        )
    for member, words in (("source", SOURCES), ("variant", VARIANTS)):
        if given.get(member) not in words:
            checks.refuse(f"{where}.{member}", f"must be one of {', '.join(words)}")
    checks.id(f"{where}.itemId", given.get("itemId"))
    _text(checks, f"{where}.eventId", given.get("eventId"), EVENT_ID)
    if "userId" in given:
        checks.id(f"{where}.userId", given["userId"])
    elif "sessionId" not in given:
        checks.refuse(where, "must have a userId, or a sessionId while nobody is signed in")
    for member, pattern in (
        ("sessionId", SESSION),
        ("generation", _GENERATION),
        ("recommendationId", _RECOMMENDATION),
    ):
        if member in given:
            _text(checks, f"{where}.{member}", given[member], pattern)
    if "experiment" in given and not _is_version(given["experiment"]):
        checks.refuse(f"{where}.experiment", f"must be a whole number from 1 to {LATEST_VERSION:,}")
    occurred = _time(checks, f"{where}.occurredAt", given.get("occurredAt"), now)
    if len(checks.mistakes) > before:
        return None
    return Event(
        event_id=given["eventId"],
        use_case=given["useCase"],
        type=given["type"],
        item_id=given["itemId"],
        timestamp=occurred,
        received_at=int(now),
        source=given["source"],
        variant=given["variant"],
        user_id=given.get("userId"),
        session_id=given.get("sessionId"),
        generation=given.get("generation"),
        recommendation_id=given.get("recommendationId"),
        experiment=given.get("experiment"),
    )


def _is_version(value: object) -> bool:
    return type(value) is int and 1 <= value <= LATEST_VERSION


def _refuse_repeated(checks: Checks, events: list[Event | None]) -> None:
    first: dict[str, int] = {}
    for number, event in enumerate(events):
        if event and first.setdefault(event.claim, number) != number:
            checks.refuse(f"body.events[{number}].eventId", f"repeats that of events[{first[event.claim]}]")


def _text(checks: Checks, where: str, value: object, pattern: str) -> None:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        checks.refuse(where, "is missing" if value is None else f"must match {pattern}")


def _time(checks: Checks, where: str, value: object, now: float) -> int:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        seconds = moment.timestamp() if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        seconds = None
    if seconds is None:
        checks.refuse(where, "must be a time with its offset, such as 2026-11-21T19:50:12Z")
        return 0
    if not now - OLDEST_DAYS * _DAY <= seconds <= now + LATEST_SECONDS:
        shown = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
        checks.refuse(where, f"must be within the last {OLDEST_DAYS} days, and here it is {shown}")
    return int(seconds)


def posted_attributes(
    body: Any, dataset: str, id_: str, use_cases: Mapping[str, TrackedUseCase], *, now: float
) -> Attributes:
    """dataset: users or items. Raises: BadRequest, with every mistake."""
    checks = Checks()
    checks.id(f"path.{dataset[:-1]}Id", id_)
    given = checks.object("body", body)
    checks.nothing_else("body", given, ("useCase", "attributes"))
    having = {name: case for name, case in use_cases.items() if dataset in case.attributes}
    name = given.get("useCase")
    if not isinstance(name, str) or name not in having:
        checks.refuse("body.useCase", _CASES.format(", ".join(having)))
        checks.done()
    known = having[str(name)].attributes[dataset].columns
    columns = {camel_case(column.name.lower()): column for column in known}
    values = checks.object("body.attributes", given.get("attributes"))
    checks.nothing_else("body.attributes", values, tuple(columns))
    for key, column in columns.items():
        value = values.get(key)
        if value is None:
            if not column.nullable:
                checks.refuse(f"body.attributes.{key}", "is missing")
        elif rule := _broken_rule(column, value):
            checks.refuse(f"body.attributes.{key}", rule)
    checks.done()
    present = {key: value for key, value in values.items() if value is not None}
    size, most = len(properties(present)), MOST_CHARACTERS[dataset]
    if size > most:
        checks.refuse("body.attributes", f"must have {most:,} characters at most as JSON, not {size:,}")
        checks.done()
    return Attributes(use_case=str(name), dataset=dataset, id=id_, at=int(now * 1000), values=present)


def _broken_rule(column: Column, value: object) -> str | None:
    if column.type in INTEGER_BITS:
        bound = 1 << (INTEGER_BITS[column.type] - 1)
        good = type(value) is int and -bound <= value < bound
        return None if good else f"must be a whole number of {INTEGER_BITS[column.type]} bits"
    if column.is_number:
        good = type(value) in (int, float) and math.isfinite(float(str(value)))
        return None if good else "must be a number"
    limit = column.max_characters
    good = isinstance(value, str) and 0 < len(value) <= limit and _is_clean(value)
    return None if good else f"must be a text of 1 to {limit:,} characters without control characters"


def _is_clean(value: str) -> bool:
    """Half a character cannot be written down in UTF-8, and control characters make no sense."""
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in value)
