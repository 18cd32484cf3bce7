"""Texts that JSON can spell but that cannot be kept, or not as what they are."""

import json
import re
from typing import Any

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""What ids do not have: vocabularies are kept a line each, and SQLite cuts texts from JSON at a NUL."""
_LEVELS = 50


def encodable(text: str) -> bool:
    """False for a lone surrogate, which JSON can spell but UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def writable(value: Any) -> bool:
    """Whether a value from JSON can be written again, as UTF-8 and some levels deeper than it is."""
    for _ in range(_LEVELS):
        value = [value]
    try:
        return encodable(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return False
