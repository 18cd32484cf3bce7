"""Text that has an inner form, shown in it: JSON, lines, and text that is joined at deployment.

A value is shown otherwise only where the way back gives the very same value; all others stay as they are.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from review.reading.templates import flat, unflat

JOINED, LINES = "joined", "as lines"
JSON_STYLES: Mapping[str, tuple[str, str]] = {"as JSON": (",", ":"), "as spaced JSON": (", ", ": ")}
"""how JavaScript and Python separate what is within JSON"""
FORMS = (JOINED, LINES, *JSON_STYLES)


def shown(value: Any) -> Any:
    """The value with all text within it in its inner form."""
    match value:
        case str():
            return next((form for form in _forms(value) if hidden(form) == value), value)
        case {"Fn::Join": ["", [*_]]}:
            return _joined(value)
        case dict():
            return {key: shown(member) for key, member in value.items()}
        case list():
            return [shown(member) for member in value]
        case _:
            return value


def hidden(value: Any) -> Any:
    """The way back from `shown`."""
    match value:
        case {"joined": text}:
            return unflat(hidden(text))
        case {"as lines": list(lines)}:
            return "\n".join(lines)
        case {"as JSON": content} | {"as spaced JSON": content}:
            return _dumped(hidden(content), next(iter(value)))
        case dict():
            return {key: hidden(member) for key, member in value.items()}
        case list():
            return [hidden(member) for member in value]
        case _:
            return value


def _joined(value: Any) -> Any:
    try:
        text = flat(value)
    except AssertionError:
        return value
    form = {JOINED: shown(text)}
    return form if hidden(form) == value else value


def _forms(text: str) -> Iterator[Any]:
    if text.startswith(("{", "[")):
        try:
            content = json.loads(text)
        except json.JSONDecodeError:
            pass
        else:
            yield from ({style: shown(content)} for style in JSON_STYLES)
    if "\n" in text:
        yield {LINES: text.split("\n")}


def _dumped(content: Any, style: str) -> str:
    return json.dumps(content, ensure_ascii=False, separators=JSON_STYLES[style])
