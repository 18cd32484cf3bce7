"""How many transactions were committed, beside the state file.

A log that has lost its end looks like one that was never longer: only something else can tell. Each number is
written after its transaction is on disk, so that it never promises more than was acknowledged.
"""

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

from personalize_server.disk.syncing import sync_folder

_CONTENT = struct.Struct(">QI")
"""the number, and its checksum; small enough to be written as a whole or not at all"""


class CommitCount:
    """Of the state file `path`; several processes may have one each, and write in turn."""

    def __init__(self, path: Path) -> None:
        file = count_file(path)
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        if noted(path) is None:
            # Later numbers take no more room on the disk, and nothing of them is lost with the machine.
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, _packed(0), 0)
            os.fsync(self._file)
            sync_folder(file.parent)

    def note(self, commits: int) -> None:
        """One that cannot be written is left to the next: a lower number is as true."""
        with suppress(OSError):
            os.pwrite(self._file, _packed(commits), 0)

    def close(self) -> None:
        os.close(self._file)


def count_file(path: Path) -> Path:
    """Beside the state file `path`."""
    return path.with_name(f"{path.name}-commits")


def noted(path: Path) -> int | None:
    """The number beside the state file `path`; None: it is missing, or damaged."""
    try:
        content = count_file(path).read_bytes()
        commits, checksum = _CONTENT.unpack(content)
    except (OSError, struct.error):
        return None
    return int(commits) if _CONTENT.pack(commits, checksum) == _packed(commits) else None


def _packed(commits: int) -> bytes:
    number = commits.to_bytes(8)
    return number + zlib.crc32(number).to_bytes(4)
