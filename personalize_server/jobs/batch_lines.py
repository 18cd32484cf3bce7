"""One line of a batch inference job: what it asks, what is answered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from personalize_server.facts.texts import writable
from personalize_server.filters.applying import Parameters

_ID_LENGTH = 256
_SHOWN = 1000


@dataclass(frozen=True)
class Question:
    """`problem` says why there is no answer."""

    input: Any
    user_id: str = ""
    item_id: str = ""
    items: tuple[str, ...] = ()
    parameters: Parameters = ()
    context: Mapping[str, str] = field(default_factory=dict)
    problem: str | None = None


def parse_line(line: bytes, recipe_type: str) -> Question:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        shown = line[:_SHOWN].decode(errors="replace")
        return Question(shown, problem="User error: the line is not valid JSON.")
    if not writable(asked):
        shown = line[:_SHOWN].decode(errors="replace")
        return Question(shown, problem="User error: the line has a lone surrogate or too many levels.")
    if not isinstance(asked, dict):
        return Question(asked, problem="User error: the line is not a JSON object.")
    member = "itemId" if recipe_type == "RELATED_ITEMS" else "userId"
    if not _is_id(asked.get(member)):
        text = f"User error: {member} must be a string of 1 to {_ID_LENGTH} characters."
        return Question(asked, problem=text)
    items = asked.get("itemList", [])
    ranking = recipe_type == "PERSONALIZED_RANKING"
    if ranking and not (items and isinstance(items, list) and all(map(_is_id, items))):
        return Question(asked, problem="User error: itemList must be a list of item ids.")
    values, context = asked.get("filterValues", {}), asked.get("context", {})
    for name, given in (("filterValues", values), ("context", context)):
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            return Question(asked, problem=f"User error: {name} must map names to strings.")
    user_id = asked.get("userId")
    return Question(
        asked,
        user_id if isinstance(user_id, str) else "",
        str(asked.get("itemId", "")),
        tuple(items) if ranking else (),
        tuple(sorted(values.items())),
        context,
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= _ID_LENGTH


def answer_line(question: Question, items: Sequence[str], scores: Sequence[float] | None) -> str:
    """`scores` is None for recipes that have none; their lines carry no error member either."""
    if scores is None:
        return _dump({"input": question.input, "output": {"recommendedItems": items}})
    output = {"recommendedItems": items, "scores": scores}
    return _dump({"input": question.input, "output": output, "error": None})


def error_line(question: Question, problem: str) -> str:
    return _dump({"input": question.input, "output": {"recommendedItems": []}, "error": problem})


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
