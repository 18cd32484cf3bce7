"""Folders that are written once: sizes and checksums of their files, in the file that is written last."""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from personalize_server.disk.syncing import write_synced
from personalize_server.facts.failures import Damaged

PART = "part.json"
"""the file that seals a part of a dataset"""
_FILES, _OWN = "files", "sha256"
_REMEMBERED = 4096


def seal(folder: Path, name: str, content: Mapping[str, Any]) -> None:
    """Writes JSON values as the file `name`, with what the other files are by now."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): [path.stat().st_size, _digest(path)] for path in paths}
    whole = {**content, _FILES: files}
    write_synced(folder / name, json.dumps({**whole, _OWN: _sum(whole)}).encode())


def sealed(folder: Path, name: str, *, remedy: str = "") -> Mapping[str, Any]:
    """What was sealed, once all files are found to be as they were; a process looks at each folder once.

    Of a folder from before there were checksums, what its file says.
    Raises: Damaged, with the remedy, if a file is missing, or is another one than was written.
    """
    try:
        found = (folder / name).stat()
        return _checked(folder, name, (found.st_ino, found.st_size, found.st_mtime_ns))
    except OSError as problem:
        what = f"{_relative(problem.filename, folder)}: {problem.strerror}"
    except _Wrong as problem:
        what = str(problem)
    shown = f"{folder.parent.name}/{folder.name} is damaged ({what})."
    raise Damaged(f"{shown} {remedy}".strip())


class _Wrong(Exception):
    """A file is not what it was."""


@lru_cache(_REMEMBERED)
def _checked(folder: Path, name: str, _version: tuple[int, int, int]) -> Mapping[str, Any]:
    """Raises: OSError, if a file cannot be read."""
    try:
        whole = json.loads((folder / name).read_bytes())
    except (ValueError, RecursionError):
        raise _Wrong(f"{name}: not JSON") from None
    if not isinstance(whole, dict):
        raise _Wrong(f"{name}: no JSON object")
    if _FILES not in whole and _OWN not in whole:
        return whole
    if whole.pop(_OWN, None) != _sum(whole):
        raise _Wrong(f"{name}: another checksum than its own")
    for file, (size, digest) in whole.pop(_FILES).items():
        path = folder / file
        there = path.stat().st_size
        if there != size:
            raise _Wrong(f"{file}: {there} bytes instead of {size}")
        if _digest(path) != digest:
            raise _Wrong(f"{file}: another checksum than when it was written")
    return whole


def _sum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _relative(name: object, folder: Path) -> str:
    path = Path(str(name))
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
