"""Who reads folders that others may remove: what somebody has a lease on stays until that is over."""

import fcntl
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TURN = "turn"


@contextmanager
def held(leases: Path, folders: Iterable[Path]) -> Iterator[None]:
    """Those of the folders that are there stay there, also for processes that this one waits for.

    leases: the folder of all leases. What a process that dies has held counts no longer.
    """
    leases.mkdir(parents=True, exist_ok=True)
    own = leases / f"{uuid.uuid4().hex}.lease"
    with own.open("w", encoding="utf-8") as lease:
        fcntl.flock(lease, fcntl.LOCK_EX)
        try:
            with _turn(leases):
                json.dump([_name(folder) for folder in folders], lease)
                lease.flush()
            yield
        finally:
            own.unlink(missing_ok=True)


def remove(leases: Path, folders: Iterable[Path], trash: Path) -> None:
    """Removes folders that nobody holds; `trash`, on the same file system, has them for a moment."""
    wanted = list(folders)
    if not wanted:
        return
    leases.mkdir(parents=True, exist_ok=True)
    trash.mkdir(parents=True, exist_ok=True)
    gone = []
    with _turn(leases):
        kept = _kept(leases)
        for folder in wanted:
            if _name(folder) not in kept:
                place = trash / uuid.uuid4().hex
                with suppress(FileNotFoundError):
                    folder.rename(place)
                    gone.append(place)
    for place in gone:
        shutil.rmtree(place, ignore_errors=True)


def _kept(leases: Path) -> set[str]:
    kept = set()
    for path in leases.glob("*.lease"):
        with suppress(FileNotFoundError), path.open("r+", encoding="utf-8") as lease:
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                kept |= set(json.loads(lease.read() or "[]"))
            else:
                path.unlink(missing_ok=True)
    return kept


@contextmanager
def _turn(leases: Path) -> Iterator[None]:
    """A lease is written whole before or after others look for leases."""
    with (leases / _TURN).open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _name(folder: Path) -> str:
    return os.fspath(folder)
