"""The functions that Step Functions adds to JSONata."""

import hashlib
import json
import math
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.interpreter.queries.java_random import JavaRandom
from local_cloud.interpreter.queries.values import as_json, from_json

_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def _partition(array: list[Any] | None, size: float | None) -> list[list[Any]] | None:
    if array is None or size is None:
        return None
    step = math.trunc(size)
    if step < 1:
        raise ValueError(f"the second argument of $partition must be positive, not {size}")
    return [array[start : start + step] for start in range(0, len(array), step)]


def _range(first: float | None, last: float | None, step: float | None) -> list[int] | None:
    """Numbers that are not whole lose their fraction."""
    if first is None or last is None or step is None:
        return None
    start, stop, delta = math.trunc(first), math.trunc(last), math.trunc(step)
    if not delta:
        raise ValueError("the step of $range must not be 0")
    return list(range(start, stop + (1 if delta > 0 else -1), delta))


def _hash(value: Any, algorithm: str | None) -> str | None:
    if value is None or algorithm is None:
        return None
    if algorithm not in _HASHES:
        raise ValueError(f"$hash knows {', '.join(_HASHES)}, not {algorithm}")
    text = value if isinstance(value, str) else json.dumps(as_json(value), separators=(",", ":"))
    return hashlib.new(_HASHES[algorithm], text.encode()).hexdigest()


def _random(seed: float | None = None) -> float:
    return random.random() if seed is None else JavaRandom(math.trunc(seed)).next_double()


def _parse(text: str | None) -> Any:
    return None if text is None else from_json(json.loads(text))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": _random,
    "uuid": lambda: str(uuid.uuid4()),
    "parse": _parse,
}
