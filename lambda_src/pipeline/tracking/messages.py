"""Events and attributes as messages of the queue."""

from __future__ import annotations

import json

from pipeline.errors import InvalidInput
from pipeline.tracking import attributes, event
from pipeline.tracking.attributes import Attributes
from pipeline.tracking.event import Event

Content = Event | Attributes


def written(content: Content) -> str:
    kind = event.KIND if isinstance(content, Event) else attributes.KIND
    return json.dumps({"kind": kind, **content.as_json()}, separators=(",", ":"), ensure_ascii=False)


def read(body: str) -> Content:
    """Error: InvalidInput for whatever `written` did not write."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise InvalidInput(f"not JSON: {error}") from error
    kind = value.pop("kind", None) if isinstance(value, dict) else None
    if kind == event.KIND:
        return Event.from_json(value)
    if kind == attributes.KIND:
        return Attributes.from_json(value)
    raise InvalidInput(f"neither an event nor attributes but {kind!r}")
