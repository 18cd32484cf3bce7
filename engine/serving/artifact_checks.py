"""Whether what a stored model is made of fits together: kinds of values, lengths, positions."""

import warnings
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from engine.ground.errors import ArtifactError
from engine.ground.histories import Histories
from engine.serving.trained_model import Model


def check_kinds(kind: type, values: dict[str, Any]) -> None:
    """The values of a dataclass before it is made. Raises: ArtifactError, for one of another kind."""
    hints = _hints(kind)
    for name, value in values.items():
        if name in hints and not _fits(hints[name], value):
            raise ArtifactError(f"{kind.__name__}.{name} is {_described(value)}")


def check_model(model: Model) -> None:
    """Raises: ArtifactError, if its arrays do not fit together."""
    memory = model.memory
    for histories in _histories(model):
        _check_histories(histories)
    items = len(memory.item_ids)
    for name, found, expected in (
        ("popularity", memory.popularity.shape, (items,)),
        ("histories", len(memory.histories), len(memory.user_ids)),
    ):
        if found != expected:
            raise ArtifactError(f"Memory.{name} has {found} instead of {expected} for its ids")
    if len(memory.histories.items) and int(memory.histories.items.max()) >= items:
        raise ArtifactError(f"Memory.histories has items beyond the {items} that there are")
    _ask(model)


def _ask(model: Model) -> None:
    """Shapes that nobody can use are found by using them: for somebody known, and for nobody."""
    known = model.user_ids[:1].tolist()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            model.scores(model.memory.histories.slice(0, len(known)), np.arange(len(known), dtype=np.int32))
            model.scores(Histories.empty(1), np.array([-1], np.int32))
    except MemoryError:
        raise
    except Exception as problem:
        raise ArtifactError(f"its arrays do not fit together ({type(problem).__name__}: {problem})") from None


def _check_histories(found: Histories) -> None:
    offsets = found.offsets
    if offsets.ndim != 1 or found.items.ndim != 1 or not len(offsets):
        raise ArtifactError("Histories have offsets or items that are not in a row")
    if offsets[0] != 0 or offsets[-1] != len(found.items) or (np.diff(offsets) < 0).any():
        raise ArtifactError("Histories have offsets that do not lead through their items")
    if len(found.weights) != len(found.items) or (
        found.visits is not None and len(found.visits) != len(found.items)
    ):
        raise ArtifactError("Histories have weights or visits of another length than their items")
    if len(found.items) and int(found.items.min()) < 0:
        raise ArtifactError("Histories have negative items")


def _histories(value: Any) -> Iterator[Histories]:
    if isinstance(value, Histories):
        yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from _histories(entry)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _histories(getattr(value, field.name))


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _fits(hint: Any, value: Any) -> bool:
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        return any(_fits(part, value) for part in parts)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(parts[0], entry) for entry in value)
    if origin is np.ndarray:
        [scalar] = get_args(parts[1])
        return isinstance(value, np.ndarray) and value.dtype.kind == np.dtype(scalar).kind
    if hint in (None, NoneType):
        return value is None
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if isinstance(hint, type) and getattr(hint, "_is_protocol", False):
        return is_dataclass(value) and all(hasattr(value, name) for name in _methods(hint))
    return not isinstance(hint, type) or isinstance(value, hint)


def _methods(protocol: type) -> list[str]:
    return [name for name, member in vars(protocol).items() if not name.startswith("_") and callable(member)]


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    return f"a {type(value).__name__}"
