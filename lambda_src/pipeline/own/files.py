"""Objects of the data bucket as files: datasets and models come, models go."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import ObjectMissing
from pipeline.own.refusals import ModelDamaged
from pipeline.storage import Bucket, storage_errors

_CHUNK_BYTES = 8 << 20
_LOCK, _PART = "lock", "part"


def download(bucket: Bucket, key: str, path: Path) -> None:
    """Raises: ObjectMissing, StorageFailed."""
    with bucket.open(key) as body, path.open("wb") as file, storage_errors(f"reading {bucket.url(key)}"):
        shutil.copyfileobj(body, file, _CHUNK_BYTES)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def upload(bucket: Bucket, key: str, path: Path, content_type: str) -> None:
    """Whole or not at all. Raises: StorageFailed."""
    with path.open("rb") as file:
        bucket.write(key, file, content_type)


def fetched(bucket: Bucket, key: str, digest: str, folder: Path) -> Path:
    """The object's file in the folder, fetched unless it is there: the one of this digest, and no other.

    Raises: ModelDamaged, StorageFailed.
    """

    def fetch(part: Path) -> None:
        try:
            download(bucket, key, part)
        except ObjectMissing as error:
            raise ModelDamaged(
                f'{bucket.url(key)} is not there any more; start the run again with {{"force": true}}'
            ) from error
        found = digest_of(part)
        if found != digest:
            raise ModelDamaged(
                f"{bucket.url(key)} is not the model that was trained: its digest is {found[:12]}, not "
                f'{digest[:12]}; start the run again with {{"force": true}}'
            )

    return the_only(folder, f"{digest}.rec", fetch)


def the_only(folder: Path, name: str, fetch: Callable[[Path], None]) -> Path:
    """The file of this name, fetched unless it is there, whole or not at all; others give way, since the disk
    has room for one. Processes that share the folder wait for one another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.is_file():
            for old in folder.iterdir():
                if old.name != _LOCK:
                    old.unlink()
            part = folder / _PART
            try:
                fetch(part)
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)
    return file
