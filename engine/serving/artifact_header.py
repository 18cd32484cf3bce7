"""What the header of a stored model may say of its arrays: its checksum only tells that nobody changed it."""

import json
import re
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.errors import ArtifactError

KINDS = "biufU"
ALIGNMENT = 64
_DTYPE = re.compile(rf"[<>|=]?[{KINDS}]([0-9]{{1,9}})")
_MOST_AXES = 32


@dataclass(frozen=True)
class Entry:
    """One array: `offset` is counted in bytes from where arrays begin."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int
    sha256: str

    @property
    def nbytes(self) -> int:
        return prod(self.shape) * self.dtype.itemsize

    def of(self, content: Any, start: int) -> NDArray[Any]:
        """The array in a buffer whose arrays begin at `start`."""
        if not prod(self.shape):
            return np.empty(self.shape, self.dtype)
        return np.frombuffer(content, self.dtype, prod(self.shape), start + self.offset).reshape(self.shape)


@dataclass(frozen=True)
class Header:
    entries: tuple[Entry, ...]
    tree: Any
    bytes: int
    """of all arrays together"""


def read_header(text: bytes) -> Header:
    """Raises: ArtifactError, for one that no file could keep to; without the file's name."""
    try:
        content = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise ArtifactError("its header is not JSON") from None
    if not isinstance(content, dict) or not content.keys() >= {"arrays", "tree", "bytes"}:
        raise ArtifactError("its header does not have arrays, tree and bytes")
    size, listed = content["bytes"], content["arrays"]
    if not _is_size(size) or not isinstance(listed, list):
        raise ArtifactError("its header has no list of arrays, or no number of bytes")
    return Header(
        tuple(_entry(number, entry, size) for number, entry in enumerate(listed)), content["tree"], size
    )


def _entry(number: int, entry: Any, size: int) -> Entry:
    if not isinstance(entry, dict):
        raise ArtifactError(f"array {number} is not described")
    dtype, shape = entry.get("dtype"), entry.get("shape")
    offset: Any = entry.get("offset")
    if not isinstance(dtype, str) or not _DTYPE.fullmatch(dtype):
        raise ArtifactError(f"array {number} has the type {_shown(dtype)}")
    try:
        type_ = np.dtype(dtype)
    except (TypeError, ValueError):
        raise ArtifactError(f"array {number} has the type {_shown(dtype)}") from None
    if not isinstance(shape, list) or len(shape) > _MOST_AXES or not all(map(_is_size, shape)):
        raise ArtifactError(f"array {number} has the shape {_shown(shape)}")
    if not _is_size(offset) or offset % ALIGNMENT:
        raise ArtifactError(f"array {number} has the offset {_shown(offset)}")
    if not isinstance(entry.get("sha256"), str):
        raise ArtifactError(f"array {number} has no checksum")
    found = Entry(type_, tuple(shape), offset, entry["sha256"])
    if offset + found.nbytes > size or max(shape, default=0) > size or (prod(shape) and not type_.itemsize):
        raise ArtifactError(
            f"array {number} of the shape {_shown(shape)} and the type {dtype} does not fit in {size} bytes"
        )
    return found


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**62


def _refused(name: str) -> None:
    raise ValueError(name)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}..."
