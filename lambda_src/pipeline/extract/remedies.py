"""What to do about rows that break a rule: the ends of messages about them."""

from __future__ import annotations

_SECONDS = "answer with seconds since 1970, extract(epoch FROM ...)::bigint in PostgreSQL"
_ELSEWHERE = "cast it in the query, or declare the column as another type"
_AS_WRITTEN = "write the file as PostgreSQL's COPY does"

_REMEDIES = {
    "missing value": "leave rows without it out, or declare the column nullable",
    "milliseconds instead of seconds": "divide it by 1000",
    "implausible time": f"{_SECONDS}; leave out what lies before 1990 or after tomorrow",
    "not an integer": _ELSEWHERE,
    "not a 32-bit integer": f"{_ELSEWHERE}, long for larger numbers",
    "not a number": _ELSEWHERE,
    "repeated id": "answer with one row for each id: a join may have multiplied them, DISTINCT ON takes one",
    "line break": "replace it in the query: regexp_replace(..., '[\\n\\r]+', ' ', 'g')",
    "backslash outside quotes": "take it out of the values: Personalize reads it as an escape",
    "quote in the middle of a value": _AS_WRITTEN,
    "wrong number of columns": _AS_WRITTEN,
    "not UTF-8": "save the file as UTF-8",
}
_OF_IDS = {
    "missing value": "leave rows without it out (WHERE ... IS NOT NULL)",
    "backslash outside quotes": "use other ids: Personalize reads a backslash as an escape",
}
_ALWAYS_THERE = frozenset({"USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"})


def remedy_of(rule: str, column: str) -> str:
    """What to do about a broken rule in a column; empty, where nothing can be said."""
    if rule.startswith("longer than "):
        most = rule.removeprefix("longer than ")
        if column in ("USER_ID", "ITEM_ID"):
            return f"use ids of at most {most}, a hash of what is longer"
        return f"cut it, left(..., n) in PostgreSQL, to at most {most}"
    if column in _ALWAYS_THERE and rule in _OF_IDS:
        return _OF_IDS[rule]
    if rule == "not an integer" and column in ("TIMESTAMP", "CREATION_TIMESTAMP"):
        return _SECONDS
    return _REMEDIES.get(rule, "")
