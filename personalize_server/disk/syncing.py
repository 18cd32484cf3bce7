"""Names that outlive the machine's sudden end: files are synced, and the folders that they are in."""

import os
from pathlib import Path
from typing import BinaryIO


def write_synced(path: Path, content: bytes) -> None:
    """A file with this content, on disk; its name is when its folder is synced."""
    with path.open("wb") as file:
        file.write(content)
        sync_file(file)


def sync_file(file: BinaryIO) -> None:
    """What has been written to it is on disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """The names in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """The files and folders in it, and their names."""
    for place, _, files in os.walk(folder):
        for name in files:
            with (Path(place) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(place))


def make_synced(folder: Path) -> None:
    """A folder and those above it, as far as they are not there yet."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        sync_folder(path.parent)


def move_synced(source: Path, target: Path) -> None:
    """A folder whose files are synced gets its name, with all names within; both on one file system."""
    for folder, _, _ in os.walk(source):
        sync_folder(Path(folder))
    make_synced(target.parent)
    source.rename(target)
    sync_folder(target.parent)
