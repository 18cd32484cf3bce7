"""Wildcard patterns against each other: whether all that one means is meant by another too.

What is only known at deployment (<its name>) and variables of policies stand for themselves: texts of
unknown length, which only * and the same name can stand for.
"""

import re
from functools import lru_cache

_SYMBOL = re.compile(r"<[^<>]+>|\$\{[^{}]*\}|.", re.DOTALL)
_ANY, _ONE = "*", "?"
Symbols = tuple[str, ...]


def includes(wide: str, narrow: str, *, any_case: bool = False) -> bool:
    """Whether every text that `narrow` means is meant by `wide`. False also where that is not certain."""
    if any_case:
        wide, narrow = wide.lower(), narrow.lower()
    return wide == narrow or _includes(_symbols(wide), _symbols(narrow))


def arn_includes(wide: str, narrow: str) -> bool:
    """As `includes`, for each of an ARN's six parts by itself."""
    parts, others = wide.split(":", 5), narrow.split(":", 5)
    return wide == narrow or (len(parts) == len(others) and all(map(includes, parts, others)))


def disjoint(one: str, other: str, *, any_case: bool = False) -> bool:
    """Whether no text is meant by both. False also where that is not certain."""
    if any_case:
        one, other = one.lower(), other.lower()
    return not _meet(_symbols(one), _symbols(other))


@lru_cache(maxsize=8192)
def _symbols(pattern: str) -> Symbols:
    return tuple(_SYMBOL.findall(pattern))


@lru_cache(maxsize=65536)
def _includes(wide: Symbols, narrow: Symbols) -> bool:
    """By the prefixes of `wide` that can have stood for what has been read of `narrow`."""
    reached = _closed({0}, wide)
    for symbol in narrow:
        reached = _closed(
            {
                place if wide[place] == _ANY else place + 1
                for place in reached
                if place < len(wide) and _stands_for(wide[place], symbol)
            },
            wide,
        )
        if not reached:
            return False
    return len(wide) in reached


def _stands_for(wide: str, symbol: str) -> bool:
    if wide == _ANY:
        return True
    if symbol == _ANY:
        return False
    if wide == _ONE:
        return len(symbol) == 1
    return wide == symbol


def _closed(places: set[int], pattern: Symbols) -> frozenset[int]:
    """With the places behind each * that may stand for nothing."""
    found = set(places)
    for place in sorted(places):
        while place < len(pattern) and pattern[place] == _ANY:
            place += 1
            found.add(place)
    return frozenset(found)


def _meet(one: Symbols, other: Symbols) -> bool:
    """Whether a text may be meant by both; what is not known may be any text."""
    seen: set[tuple[int, int]] = set()
    pending = [(0, 0)]
    while pending:
        here = pending.pop()
        if here in seen:
            continue
        seen.add(here)
        first, second = here
        if first == len(one) and second == len(other):
            return True
        mine = one[first] if first < len(one) else ""
        theirs = other[second] if second < len(other) else ""
        if _open(mine):
            pending += [(first + 1, second), *([(first, second + 1)] if theirs else [])]
        if _open(theirs):
            pending += [(first, second + 1), *([(first + 1, second)] if mine else [])]
        if mine and theirs and (mine == theirs or _ONE in (mine, theirs)):
            pending.append((first + 1, second + 1))
    return False


def _open(symbol: str) -> bool:
    """Whether it may stand for any number of characters."""
    return symbol == _ANY or len(symbol) > 1
