"""Events and attributes as messages of the queue."""

from __future__ import annotations

import json
import re

from pipeline.errors import InvalidInput
from pipeline.formats import known
from pipeline.tracking import attributes, event
from pipeline.tracking.attributes import Attributes
from pipeline.tracking.event import Event

Content = Event | Attributes
_REFUSED = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What Amazon SQS takes in no message (InvalidMessageContents), U+FFFE and U+FFFF among it."""


def written(content: Content) -> str:
    """JSON of characters that the queue takes. Escaping no others, it keeps within the size of a message."""
    kind = event.KIND if isinstance(content, Event) else attributes.KIND
    text = json.dumps({"kind": kind, **content.as_json()}, separators=(",", ":"), ensure_ascii=False)
    return _REFUSED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read(body: str) -> Content:
    """Raises: InvalidInput, for whatever `written` did not write; UnknownFormat."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise InvalidInput(f"not JSON: {error}") from error
    kind = known(value, "a message").get("kind") if isinstance(value, dict) else None
    if kind:
        del value["kind"]
    if kind == event.KIND:
        return Event.from_json(value)
    if kind == attributes.KIND:
        return Attributes.from_json(value)
    raise InvalidInput(f"neither an event nor attributes but {kind!r}")
