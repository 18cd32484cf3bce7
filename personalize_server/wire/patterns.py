"""The service models' regular expressions (Java's dialect) as Python's, matched against whole values."""

import re
from functools import cache

_SEPARATORS = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_CLASSES = {
    r"\p{ASCII}": r"[\x00-\x7f]",
    r"\p{L}": r"\w",  # \w is letters, digits and "_", which every pattern using it also allows
    r"\p{N}": r"\w",
    r"\p{Z}": _SEPARATORS,
}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compiled for `fullmatch`: the service takes its patterns as covering the whole value.

    Raises: ValueError, for a class of characters that is not translated.
    """
    text = pattern
    for java, python in _CLASSES.items():
        text = text.replace(java, python)
    if r"\p{" in text:
        raise ValueError(f"a service model has a pattern class that is not translated: {pattern}")
    return re.compile(text.removeprefix("^").removesuffix("$"))
