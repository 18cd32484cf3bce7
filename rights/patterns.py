"""Wildcards of policies, and the variables in them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from rights.errors import UnknownCondition

Value = str | tuple[str, ...] | None
"""of a condition key: one text, several, or None for a key that the request does not have"""
Context = Mapping[str, Value]
"""by condition key; a key that is not in it is unknown, which is not the same as absent"""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERAL = {"*": "*", "?": "?", "$": "$"}


def matches(pattern: str, text: str, context: Context, *, any_case: bool = False) -> bool:
    """Whether a text is meant by a pattern: * stands for any characters, ? for one, ${key} for a value.

    A variable that the request has no value for matches nothing. Raises: UnknownCondition, if a variable's
    key is not known.
    """
    if "${" not in pattern:
        return _compiled(pattern, any_case).fullmatch(text) is not None
    filled = _filled(pattern, context)
    return filled is not None and re.fullmatch(filled, text, _flags(any_case)) is not None


def arn_matches(pattern: str, text: str, context: Context) -> bool:
    """As `matches`, for each of an ARN's six parts by itself: no wildcard reaches over a colon."""
    patterns, texts = pattern.split(":", 5), text.split(":", 5)
    return len(patterns) == len(texts) and all(
        matches(one, other, context) for one, other in zip(patterns, texts, strict=True)
    )


@lru_cache(maxsize=8192)
def _compiled(pattern: str, any_case: bool) -> re.Pattern[str]:
    return re.compile(_expression(pattern), _flags(any_case))


def _flags(any_case: bool) -> re.RegexFlag:
    return re.DOTALL | (re.IGNORECASE if any_case else re.NOFLAG)


def _expression(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(each) or re.escape(each) for each in pattern)


def _filled(pattern: str, context: Context) -> str | None:
    parts, position = [], 0
    known = {key.lower(): value for key, value in context.items()}
    for variable in _VARIABLE.finditer(pattern):
        parts.append(_expression(pattern[position : variable.start()]))
        position = variable.end()
        key, _, default = (part.strip() for part in variable[1].partition(","))
        if key in _LITERAL:
            parts.append(re.escape(_LITERAL[key]))
            continue
        if key.lower() not in known:
            raise UnknownCondition(f"policy variable ${{{key}}}")
        value = known[key.lower()]
        if isinstance(value, tuple):
            raise UnknownCondition(f"policy variable ${{{key}}}, whose key has several values")
        value = value if value is not None else default.strip("'") or None
        if value is None:
            return None
        parts.append(re.escape(value))
    return "".join([*parts, _expression(pattern[position:])])
