"""One line of a batch segment job: the items it asks users for, what is answered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from personalize_server.facts.texts import writable
from personalize_server.filters.applying import Parameters
from personalize_server.filters.grammar import Filter, FilterError
from personalize_server.filters.parser import parse_filter

_ID_LENGTH = 256
_SHOWN = 1000


@dataclass(frozen=True)
class Wish:
    """Either an item or attributes; `problem` says why there is no answer."""

    input: Any
    item_id: str | None = None
    attributes: Filter | None = None
    parameters: Parameters = ()
    problem: str | None = None


def parse_wish(line: bytes, *, by_attributes: bool) -> Wish:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        return Wish(line[:_SHOWN].decode(errors="replace"), problem="the line is not valid JSON.")
    if not writable(asked):
        shown = line[:_SHOWN].decode(errors="replace")
        return Wish(shown, problem="the line has a lone surrogate or too many levels.")
    if not isinstance(asked, dict):
        return Wish(asked, problem="the line is not a JSON object.")
    values = asked.get("filterValues", {})
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        return Wish(asked, problem="filterValues must map names to strings.")
    parameters = tuple(sorted(values.items()))
    if not by_attributes:
        item = asked.get("itemId")
        if not isinstance(item, str) or not 1 <= len(item) <= _ID_LENGTH:
            return Wish(asked, problem=f"itemId must be a string of 1 to {_ID_LENGTH} characters.")
        return Wish(asked, item_id=item, parameters=parameters)
    text = asked.get("itemAttributes")
    if not isinstance(text, str) or not text:
        return Wish(asked, problem="itemAttributes must be a string.")
    try:
        return Wish(asked, attributes=_parse_attributes(text), parameters=parameters)
    except FilterError as problem:
        return Wish(asked, problem=str(problem))


def _parse_attributes(text: str) -> Filter:
    """`ITEMS.genres = "Comedy" AND ITEMS.genres = "Action"`, as a filter that lets these items through."""
    try:
        parsed = parse_filter(f"INCLUDE ItemID WHERE {text}")
    except FilterError as problem:
        reason = str(problem).removeprefix("Could not create filter. ")
        raise FilterError(f"itemAttributes is not a list of attributes joined with AND. {reason}") from None
    plain = len(parsed.rules) == 1 and len(parsed.rules[0].any_of) == 1 and not parsed.rules[0].only_if
    equal = all(condition.operator == "=" for condition in parsed.conditions())
    if not (plain and equal and parsed.rules[0].dataset == "ITEMS") or parsed.placeholders():
        raise FilterError("itemAttributes takes only ITEMS.<column> = <value>, joined with AND.")
    return parsed


def segment_line(wish: Wish, users: Sequence[str]) -> str:
    """As saved outputs of the service have it; the documentation's examples are of another form."""
    return _line(wish, users, None)


def wish_error(wish: Wish, problem: str) -> str:
    return _line(wish, (), f"User error: {problem}")


def _line(wish: Wish, users: Sequence[str], error: str | None) -> str:
    """With spaces, but for the users: byte by byte what the service was seen to write."""
    asked, told = (json.dumps(value, ensure_ascii=False) for value in (wish.input, error))
    listed = json.dumps(users, ensure_ascii=False, separators=(",", ":"))
    return f'{{"input": {asked}, "output": {{"usersList": {listed}}}, "error": {told}}}\n'
