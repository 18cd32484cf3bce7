"""Trained models as single files: checksummed, memory-mappable, written atomically, never executed.

Layout: magic, format version (u32), header length (u64), SHA-256 of the header, header (JSON), then the
arrays, each at a multiple of 64 bytes. The header describes a tree of dataclass values; leaves are JSON
values or arrays. Only classes named in STORABLE are ever built, and no pickle is involved.
"""

import hashlib
import json
import mmap
import os
import struct
import tempfile
from dataclasses import MISSING, fields, is_dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.errors import ArtifactError, ConfigError
from engine.ground.threads import together
from engine.serving.artifact_checks import check_kinds, check_model
from engine.serving.artifact_header import ALIGNMENT, KINDS, read_header
from engine.serving.trained_model import Model

MAGIC = b"RECMODEL"
FORMAT = 1
STORABLE = {
    "model": "engine.serving.trained_model:Model",
    "memory": "engine.data.memory:Memory",
    "histories": "engine.ground.histories:Histories",
    "recency": "engine.ground.histories:Recency",
    "popularity": "engine.scorers.popularity:PopularityScorer",
    "item-item": "engine.scorers.item_item:ItemItemScorer",
    "neighbours": "engine.scorers.item_item:NeighbourScorer",
    "linear-factors": "engine.scorers.factors:LinearFactorScorer",
    "ials": "engine.scorers.ials:IalsScorer",
    "related": "engine.scorers.related:RelatedScorer",
    "objective": "engine.scorers.objective:ObjectiveScorer",
    "again": "engine.scorers.again:AgainScorer",
    "propensity": "engine.scorers.propensity:PropensityScorer",
    "demographic": "engine.scorers.demographic:DemographicScorer",
    "user-neighbours": "engine.scorers.user_neighbours:UserNeighboursScorer",
    "blend": "engine.scorers.blend:BlendScorer",
    "part": "engine.scorers.blend:Part",
    "newcomers": "engine.scorers.blend:Newcomers",
    "calibration": "engine.serving.calibration:Calibration",
    "calibration-by-length": "engine.serving.calibration:ByLength",
    "clusters": "engine.scorers.clusters:Clusters",
    "context": "engine.scorers.contextual:ContextModel",
    "context-column": "engine.scorers.contextual:ContextColumn",
}
_PREFIX = struct.Struct("<8sIQ32s")
_MOST_LEVELS = 64

Array = NDArray[Any]


def save(model: Model, path: str | Path) -> None:
    """Writes the whole file beside `path` and then moves it there: a reader sees the old model or the new."""
    path = Path(path)
    arrays: list[Array] = []
    tree = _described(model, arrays, {})
    entries, size = _placed(arrays)
    header = json.dumps({"arrays": entries, "tree": tree, "bytes": size}, allow_nan=False).encode()
    prefix = _PREFIX.pack(MAGIC, FORMAT, len(header), hashlib.sha256(header).digest())
    start = _aligned(len(prefix) + len(header))
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(prefix + header)
            for entry, array in zip(entries, arrays, strict=True):
                file.seek(start + entry["offset"])
                file.write(_bytes(array))
            file.truncate(start + size)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name, too, outlives the machine's sudden end
        finally:
            os.close(folder)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: str | Path, *, verify: bool = True) -> Model:
    """The stored model, its arrays mapped read-only.

    verify=False skips the arrays' checksums, and whether they fit together.
    Raises: ArtifactError, for what is no stored model, of another format, torn, damaged, or
    contradicts itself.
    """
    path = Path(path)
    try:
        return _loaded(path, verify=verify)
    except ArtifactError as problem:
        if str(path) in str(problem):
            raise
        raise ArtifactError(f"{path} contradicts itself: {problem}") from None
    except (ConfigError, ValueError, TypeError, LookupError, OverflowError, RecursionError) as problem:
        raise ArtifactError(f"{path} contradicts itself: {problem}") from None


def _loaded(path: Path, *, verify: bool) -> Model:
    with path.open("rb") as file:
        prefix = file.read(_PREFIX.size)
        if len(prefix) < _PREFIX.size or prefix[:8] != MAGIC:
            raise ArtifactError(f"{path} is not a stored model")
        _, version, length, digest = _PREFIX.unpack(prefix)
        if version != FORMAT:
            raise ArtifactError(f"{path} has format {version}; this engine reads format {FORMAT}")
        size = os.fstat(file.fileno()).st_size
        if length > size - _PREFIX.size:
            raise ArtifactError(f"{path} is torn or damaged: its header should have {length} bytes")
        header = file.read(length)
        if hashlib.sha256(header).digest() != digest:
            raise ArtifactError(f"{path} is damaged: its header does not match its checksum")
        content = read_header(header)
        start = _aligned(_PREFIX.size + length)
        if size != start + content.bytes:
            raise ArtifactError(f"{path} is torn: {start + content.bytes} bytes expected, {size} found")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    arrays = [entry.of(mapped, start) for entry in content.entries]
    if verify:
        for entry, array in zip(content.entries, arrays, strict=True):
            if _checksum(array) != entry.sha256:
                raise ArtifactError(f"{path} is damaged: an array does not match its checksum")
    model = _built(content.tree, arrays, path)
    if not isinstance(model, Model):
        raise ArtifactError(f"{path} holds no model")
    if verify:
        check_model(model)
    return model


def _described(value: Any, arrays: list[Array], places: dict[int, int]) -> Any:
    """`places` says where an array that was met before is: shared arrays are stored once."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in KINDS:
            raise ArtifactError(f"arrays of {value.dtype} cannot be stored")
        if id(value) not in places:
            places[id(value)] = len(arrays)
            arrays.append(np.ascontiguousarray(value))
        return {"array": places[id(value)]}
    if is_dataclass(value) and not isinstance(value, type):
        name = _name_of(type(value))
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return {"type": name, "fields": {k: _described(part, arrays, places) for k, part in parts.items()}}
    if isinstance(value, tuple | list):
        return {"items": [_described(item, arrays, places) for item in value]}
    if value is None or isinstance(value, bool | int | float | str):
        return {"value": value}
    raise ArtifactError(f"a {type(value).__name__} cannot be stored")


def _built(node: Any, arrays: list[Array], path: Path, level: int = 0) -> Any:
    if level > _MOST_LEVELS:
        raise ArtifactError(f"{path} has more than {_MOST_LEVELS} levels")
    match node:
        case {"array": int(at)} if not isinstance(at, bool) and 0 <= at < len(arrays):
            return arrays[at]
        case {"items": list(items)}:
            return tuple(_built(item, arrays, path, level + 1) for item in items)
        case {"value": None | bool() | int() | float() | str() as value}:
            return value
        case {"type": str(name), "fields": dict(content)} if name in STORABLE:
            module, _, attribute = STORABLE[name].partition(":")
            kind = getattr(import_module(module), attribute)
            known = {field.name for field in fields(kind)}
            needed = {field.name for field in fields(kind) if field.default is MISSING}
            if not needed <= set(content) <= known:
                raise ArtifactError(f"{path} holds a {name!r} of another version of the engine")
            values = {key: _built(child, arrays, path, level + 1) for key, child in content.items()}
            check_kinds(kind, values)
            return kind(**values)
        case _:
            raise ArtifactError(f"{path} holds something this engine does not know")


def _name_of(kind: type) -> str:
    place = f"{kind.__module__}:{kind.__qualname__}"
    for name, known in STORABLE.items():
        if known == place:
            return name
    raise ArtifactError(f"a {kind.__name__} cannot be stored")


def _placed(arrays: list[Array]) -> tuple[list[dict[str, Any]], int]:
    entries: list[dict[str, Any]] = []
    offset = 0
    checksums = together([partial(_checksum, array) for array in arrays])
    for array, checksum in zip(arrays, checksums, strict=True):
        entries.append({"dtype": array.dtype.str, "shape": array.shape, "offset": offset, "sha256": checksum})
        offset = _aligned(offset + array.nbytes)
    return entries, offset


def _bytes(array: Array) -> memoryview:
    return array.reshape(-1).view(np.uint8).data


def _checksum(array: Array) -> str:
    return hashlib.sha256(_bytes(array)).hexdigest()


def _aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT
