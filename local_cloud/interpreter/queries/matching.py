"""JSONata's functions of regular expressions, as the reference implementation has them.

The library answers the whole match among the groups, lets expressions match nothing, reads dollar signs in a
replacement of plain text and takes no functions as matchers.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.jsonata import Jsonata
from jsonata.utils import Utils


@dataclass(frozen=True)
class Match:
    """`groups` are those in parentheses; None where one took no part."""

    text: str
    start: int
    end: int
    groups: tuple[str | None, ...]


def _matches(matcher: Any, text: str) -> Iterator[Match]:
    if Functions.is_regex(matcher):
        for found in matcher.finditer(text):
            if not found.group():
                raise JException("D1004", -1, matcher.pattern)
            yield Match(found.group(), found.start(), found.end(), found.groups())
        return
    answer = Functions.func_apply(matcher, [text])
    while answer is not None:
        if not isinstance(answer, dict) or not {"start", "end", "match", "next"} <= answer.keys():
            raise JException("T1010", -1, "matcher")
        groups = tuple(answer.get("groups") or ())
        yield Match(answer["match"], int(answer["start"]), int(answer["end"]), groups)
        answer = Functions.func_apply(answer["next"], [])


def contains(text: str | None, token: Any) -> bool | None:
    """$contains. Raises: JException, D1004 or T1010, if `token` matches nothing or answers no match."""
    if text is None or token is None:
        return None
    return token in text if isinstance(token, str) else next(_matches(token, text), None) is not None


def match(text: str | None, matcher: Any, limit: float | None) -> Any:
    """$match. Raises: JException, D3040, if `limit` is negative; as `contains` does."""
    if text is None:
        return None
    if limit is not None and limit < 0:
        raise JException("D3040", -1, limit)
    found = Utils.create_sequence()
    for number, one in enumerate(_matches(matcher, text)):
        if limit is not None and number >= limit:
            break
        found.append({"match": one.text, "index": one.start, "groups": list(one.groups)})
    return found


def split(text: str | None, separator: Any, limit: float | None) -> list[str] | None:
    """$split. Raises: JException, D3020, if `limit` is negative; as `contains` does."""
    if text is None:
        return None
    if limit is not None and limit < 0:
        raise JException("D3020", -1, limit)
    if isinstance(separator, str):
        parts = text.split(separator) if separator else list(text)
        return parts if limit is None else parts[: math.floor(limit)]
    parts, start = [], 0
    for one in _matches(separator, text):
        if limit is not None and len(parts) >= limit:
            return parts
        parts.append(text[start : one.start])
        start = one.end
    return parts if limit is not None and len(parts) >= limit else [*parts, text[start:]]


def replace(text: str | None, pattern: Any, replacement: Any, limit: float | None) -> str | None:
    """$replace.

    Raises: JException, D3010, if `pattern` is empty; D3011, if `limit` is negative; D3012, if a function
    answers no text; as `contains` does.
    """
    if text is None or pattern is None or replacement is None:
        return None
    if pattern == "":
        raise JException("D3010", -1, pattern)
    if limit is not None and limit < 0:
        raise JException("D3011", -1, limit)
    if isinstance(pattern, str):
        return text.replace(pattern, replacement, -1 if limit is None else math.ceil(limit))
    written = _written(replacement) if isinstance(replacement, str) else _computed(replacement)
    result, position = [], 0
    for number, one in enumerate(_matches(pattern, text)):
        if limit is not None and number >= limit:
            break
        result += [text[position : one.start], written(one)]
        position = one.end
    return "".join([*result, text[position:]])


def _computed(function: Any) -> Callable[[Match], str]:
    def replaced(one: Match) -> str:
        argument = {"match": one.text, "start": one.start, "end": one.end, "groups": list(one.groups)}
        answer = Functions.func_apply(function, [{**argument, "next": Jsonata.JLambda(lambda: None)}])
        if not isinstance(answer, str):
            raise JException("D3012", -1, answer)
        return answer

    return replaced


def _written(template: str) -> Callable[[Match], str]:
    """$$ is a dollar sign, $0 the match, $1 and so on its groups, as long a number as there are groups."""

    def replaced(one: Match) -> str:
        most = len(str(len(one.groups)))

        def part(found: re.Match[str]) -> str:
            after = found.group(1)
            if after[:1] in ("$", "0"):
                return ("$" if after[0] == "$" else one.text) + after[1:]
            digits = after[:most]
            if most > 1 and digits and int(digits) > len(one.groups):
                digits = digits[:-1]
            if not digits:
                return "$" + after
            number = int(digits)
            group = one.groups[number - 1] if 0 < number <= len(one.groups) else ""
            return (group or "") + after[len(str(number)) :]

        return re.sub(r"\$(\$|[0-9]*)", part, template)

    return replaced
