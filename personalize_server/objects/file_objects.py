"""Input and output of jobs in folders of this machine: below a root, each folder is a bucket."""

import io
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from personalize_server.facts.failures import JobFailed
from personalize_server.objects.locations import Location
from personalize_server.objects.s3 import DENIED_TEXT, Absent, Found

_BLOCK = 1024 * 1024
_INCOMING = ".incoming"
"""what is being written; no bucket can be called so"""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class FileObjects:
    """`s3://bucket/a/b.csv` is the file `bucket/a/b.csv` below the root.

    Nothing outside the root can be named: every part of a path is opened by itself, relative to the one
    before, without following symbolic links, and `..` is no part.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def below(self, prefix: Location, *, deep: bool = True) -> list[Found]:
        """Files whose key starts with the prefix, by key; not deep: only the first level of a folder."""
        folder, _, start = prefix.key.rpartition("/")
        base = f"{folder}/" if folder else ""
        with self._named(prefix), self._opened(prefix.bucket, []):
            pass
        try:
            with self._named(prefix), self._opened(prefix.bucket, folder.split("/") if folder else []) as fd:
                found = sorted(
                    (base + name, size) for name, size in _files(fd, deep) if name.startswith(start)
                )
        except Absent:
            return []
        return [Found(Location(prefix.bucket, key), size) for key, size in found]

    def find(self, location: Location) -> Found | None:
        try:
            with self._named(location), self._file(location) as file:
                return Found(location, os.fstat(file.fileno()).st_size)
        except Absent:
            return None

    def blocks(self, location: Location) -> Iterator[bytes]:
        with self._named(location), self._file(location) as file:
            while block := file.read(_BLOCK):
                yield block

    def upload(self, path: Path, location: Location) -> None:
        with path.open("rb") as source:
            self._write(source, location)

    def put(self, location: Location, body: bytes) -> None:
        self._write(io.BytesIO(body), location)

    def _write(self, source: IO[bytes], location: Location) -> None:
        """Whole or not at all: the file gets its name when it is on disk."""
        *folders, name = location.key.split("/")
        _check(name)
        with self._named(location), self._opened(location.bucket, folders, make=True) as target:
            incoming = self._root / _INCOMING
            incoming.mkdir(exist_ok=True)
            temporary = incoming / uuid.uuid4().hex
            try:
                with temporary.open("xb") as file:
                    shutil.copyfileobj(source, file, _BLOCK)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(temporary, name, dst_dir_fd=target)
                os.fsync(target)
            finally:
                temporary.unlink(missing_ok=True)

    @contextmanager
    def _file(self, location: Location) -> Iterator[IO[bytes]]:
        *folders, name = location.key.split("/")
        _check(name)
        with self._opened(location.bucket, folders) as folder:
            file = os.open(name, _FILE, dir_fd=folder)
            try:
                if not stat.S_ISREG(os.fstat(file).st_mode):
                    raise FileNotFoundError(f"{location} is not a file")
                with os.fdopen(file, "rb", closefd=False) as opened:
                    yield opened
            finally:
                os.close(file)

    @contextmanager
    def _opened(self, bucket: str, folders: list[str], *, make: bool = False) -> Iterator[int]:
        """The folder's descriptor."""
        current = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in (bucket, *folders):
                _check(part)
                if make and part != bucket:
                    _make(part, current)
                inner = os.open(part, _FOLDER, dir_fd=current)
                os.close(current)
                current = inner
            yield current
        finally:
            os.close(current)

    @contextmanager
    def _named(self, location: Location) -> Iterator[None]:
        try:
            yield
        except PermissionError:
            raise JobFailed(DENIED_TEXT) from None
        except (FileNotFoundError, NotADirectoryError):
            raise Absent(f"Invalid Data location. There is no {location}.") from None
        except OSError as problem:
            raise JobFailed(f"Accessing {location} failed: {problem.strerror}") from problem


def _check(part: str) -> None:
    if part in ("", ".", "..") or "\0" in part or "/" in part:
        raise JobFailed("Invalid Data location. No part of a path can be empty, . or ..")


def _make(name: str, folder: int) -> None:
    try:
        os.mkdir(name, dir_fd=folder)
        os.fsync(folder)
    except FileExistsError:
        pass


def _files(folder: int, deep: bool) -> Iterator[tuple[str, int]]:
    """Path and size of the files in a folder, with those of its folders where deep; no links."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                yield entry.name, entry.stat(follow_symlinks=False).st_size
            elif deep and entry.is_dir(follow_symlinks=False):
                inner = os.open(entry.name, _FOLDER, dir_fd=folder)
                try:
                    for name, size in _files(inner, True):
                        yield f"{entry.name}/{name}", size
                finally:
                    os.close(inner)
