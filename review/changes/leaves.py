"""Values of templates by path, and their differences leaf by leaf, in words."""

import json
from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any

from review.reading.templates import flat

_LONG, _WHOLE, _SHOWN_BEFORE = 120, 1_000_000, 20


def leaf_differences(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Path, value before, value after; None is absent. Lists of one length are compared member by member."""
    if (
        isinstance(before, Mapping)
        and isinstance(after, Mapping)
        and not (_is_value(before) or _is_value(after))
    ):
        for key in sorted({*before, *after}):
            yield from leaf_differences(
                before.get(key), after.get(key), f"{path}.{key}" if path else str(key)
            )
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from leaf_differences(one, other, f"{path}[{index}]")
    elif not same(before, after):
        yield path, before, after


def values_by_path(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of a part of a template; a function of CloudFormation is one value."""
    if isinstance(value, Mapping) and not _is_value(value):
        for key, member in value.items():
            yield from values_by_path(member, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from values_by_path(member, f"{path}[{index}]")
    else:
        yield path, value


def same(before: Any, after: Any) -> bool:
    """Whether CloudFormation takes both for the same: numbers and texts of them are."""
    if isinstance(before, str | int | float) and isinstance(after, str | int | float):
        return _text(before) == _text(after)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys() and all(same(before[key], after[key]) for key in before)
    return bool(before == after)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path, or None."""
    for key in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def words(value: Any, longest: int = _LONG) -> str:
    """A value as text in one line; what is only known at deployment as <its name>."""
    if value is None:
        return "nothing"
    try:
        text = flat(value)
    except AssertionError:
        text = json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def change_in_words(before: Any, after: Any, longest: int = _LONG) -> str:
    """Both values; of long ones that begin the same, from shortly before they differ."""
    one, other = words(before, longest), words(after, longest)
    if one == other:
        one, other = words(before, _WHOLE), words(after, _WHOLE)
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
        start = max(alike - _SHOWN_BEFORE, 0)
        begin = "…" if start else ""
        one, other = (words(f"{begin}{text[start:]}", longest) for text in (one, other))
    return f"{one} → {other}"


def number(value: Any) -> float | None:
    """Of a number or its text; None for anything else."""
    try:
        return float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except ValueError:
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    found = number(value)
    return repr(found) if found is not None else str(value)


def _is_value(value: Mapping[str, Any]) -> bool:
    """Whether it is a function of CloudFormation, which is one value."""
    return len(value) == 1 and (next(iter(value)) == "Ref" or str(next(iter(value))).startswith("Fn::"))
