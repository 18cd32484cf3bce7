"""What several values have in common, and what is each one's own."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DIFFERS = "<differs>"
"""stands in what is common where each has a value of its own"""
ORDER = "<order>"
"""the keys of an object in their order, where that does not follow from the rest"""

Path = tuple[str, ...]
Own = dict[Path, Any]


def folded(values: Sequence[Any]) -> tuple[Any, list[Own]]:
    """What all have in common, and by path what each one has otherwise or besides."""
    first = values[0]
    if all(_same(value, first) for value in values):
        return first, [{} for _ in values]
    if all(isinstance(value, dict) and value for value in values):
        return _folded_objects(values)
    if all(isinstance(value, list) and value for value in values):
        return _folded_lists(values)
    return _nothing_common(values)


def unfolded(common: Any, own: Mapping[Path, Any]) -> Any:
    """The way back from `folded`."""
    if () in own:
        return own[()]
    parts: dict[str, Own] = {}
    for (key, *path), value in own.items():
        parts.setdefault(key, {})[tuple(path)] = value
    if isinstance(common, list):
        return [
            unfolded(common[index] if index < len(common) else None, parts.get(str(index), {}))
            for index in range(max([len(common), *(int(key) + 1 for key in parts)]))
        ]
    if isinstance(common, dict):
        order = parts.pop(ORDER, {(): _usual_order(common, parts)})[()]
        return {key: unfolded(common.get(key), parts.get(key, {})) for key in order}
    return common


def _folded_objects(values: Sequence[dict[str, Any]]) -> tuple[Any, list[Own]]:
    common: dict[str, Any] = {}
    own: list[Own] = [{} for _ in values]
    for key in values[0]:
        if all(key in value for value in values):
            common[key], inner = folded([value[key] for value in values])
            _add(own, key, inner)
    if all(member == DIFFERS for member in common.values()):
        return _nothing_common(values)
    for value, mine in zip(values, own, strict=True):
        mine.update({(key,): member for key, member in value.items() if key not in common})
        if list(value) != _usual_order(common, {path[0] for path in mine}):
            mine[(ORDER,)] = list(value)
    return common, own


def _folded_lists(values: Sequence[list[Any]]) -> tuple[Any, list[Own]]:
    """Lists of one length member by member, others only where the longer ones begin as the shortest."""
    length = min(map(len, values))
    common: list[Any] = []
    own: list[Own] = [{} for _ in values]
    for index in range(length):
        member, inner = folded([value[index] for value in values])
        common.append(member)
        _add(own, str(index), inner)
    longer = any(len(value) > length for value in values)
    if any(own) if longer else all(member == DIFFERS for member in common):
        return _nothing_common(values)
    for value, mine in zip(values, own, strict=True):
        mine.update({(str(index),): value[index] for index in range(length, len(value))})
    return common, own


def _nothing_common(values: Sequence[Any]) -> tuple[Any, list[Own]]:
    return DIFFERS, [{(): value} for value in values]


def _add(own: list[Own], key: str, inner: list[Own]) -> None:
    for mine, theirs in zip(own, inner, strict=True):
        mine.update({(key, *path): value for path, value in theirs.items()})


def _usual_order(common: Mapping[str, Any], added: Iterable[str]) -> list[str]:
    """Sorted if it was sorted before, otherwise what is added at the end."""
    new = sorted(set(added) - common.keys())
    return sorted([*common, *new]) if list(common) == sorted(common) else [*common, *new]


def _same(one: Any, other: Any) -> bool:
    """Also in the order of keys."""
    return json.dumps(one) == json.dumps(other)
