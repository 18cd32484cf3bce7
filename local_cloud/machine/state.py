"""What one command leaves for the next: the processes, and a lock while it works."""

import fcntl
import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TextIO

from local_cloud.machine.processes import Handle

_LOCK, _MARK = "lock", ".local-cloud"


class Busy(RuntimeError):
    """Another command is at work in the same folder."""


class NotOurs(RuntimeError):
    """The folder cannot be used, or has files that no local cloud put there."""


class Unreadable(RuntimeError):
    """The record of what runs cannot be read."""


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    handle: Handle


@dataclass(frozen=True)
class Record:
    """`port` is the first of the cloud's; `ready` says that all its servers have started; `standby`, that the
    stage's standby region is there too.
    """

    port: int
    servers: tuple[Server, ...] = ()
    ready: bool = False
    standby: bool = False

    @property
    def complete(self) -> bool:
        return self.ready and not self.gone()

    def alive(self) -> tuple[Server, ...]:
        return tuple(server for server in self.servers if server.handle.process())

    def gone(self) -> tuple[Server, ...]:
        return tuple(server for server in self.servers if not server.handle.process())


class StateFolder:
    """`.local/`: a mark in it says that a local cloud made it, and may delete what it knows there."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._changing = Lock()

    @property
    def _record(self) -> Path:
        return self.path / "cloud.json"

    def read(self) -> Record | None:
        """None if nothing runs. Raises: Unreadable."""
        try:
            content = json.loads(self._record.read_text())
            servers = tuple(
                Server(entry["name"], entry["port"], Handle(**entry["handle"]))
                for entry in content.pop("servers")
            )
            return Record(servers=servers, **content)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
            remedy = (
                "`python -m local_cloud down` cleans up"
                if self.marked
                else "choose another --folder, or delete this one if a local cloud made it"
            )
            raise Unreadable(f"{self._record} does not say what runs ({problem!r}); {remedy}") from None

    @property
    def marked(self) -> bool:
        return (self.path / _MARK).exists()

    @property
    def ours(self) -> bool:
        """Whether a local cloud made the folder; older versions left a record only. Raises: Unreadable."""
        return self.marked or self.read() is not None

    def write(self, record: Record) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        unfinished = self._record.with_suffix(".new")
        unfinished.write_text(json.dumps(asdict(record), indent=2) + "\n")
        unfinished.replace(self._record)

    def add(self, server: Server) -> None:
        """At once after the start, so that even a killed command leaves nothing that is not known."""
        with self._changing:
            record = self._begun()
            self.write(replace(record, servers=(*record.servers, server)))

    def forget(self, names: Collection[str]) -> None:
        """Servers that are gone and start again."""
        with self._changing:
            record = self._begun()
            kept = tuple(server for server in record.servers if server.name not in names)
            self.write(replace(record, servers=kept))

    def ready(self) -> None:
        with self._changing:
            self.write(replace(self._begun(), ready=True))

    def has_standby(self) -> None:
        with self._changing:
            self.write(replace(self._begun(), standby=True))

    def _begun(self) -> Record:
        record = self.read()
        assert record is not None, "the record is written before the first start"
        return record

    def remove(self) -> None:
        """Delete the folder, unless something else is in it; only while it is locked."""
        if not self.path.exists():
            return
        (self.path / _LOCK).unlink(missing_ok=True)
        if {each.name for each in self.path.iterdir()} <= {_MARK}:
            (self.path / _MARK).unlink(missing_ok=True)
            with suppress(OSError):
                self.path.rmdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time; the lock ends with its process, however that ends.

        Makes the folder. Raises: Busy, NotOurs, Unreadable.
        """
        with self._opened_lock() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                owner = lock.read().strip() or "unknown"
                raise Busy(
                    f"another command (process {owner}) is at work in {self.path}; wait for it or end it"
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            (self.path / _MARK).touch()
            yield

    def _opened_lock(self) -> TextIO:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not self._may_be_taken({each.name for each in self.path.iterdir()}):
                raise NotOurs(
                    f"{self.path} has files that no local cloud put there; choose a new or empty --folder"
                )
            return (self.path / _LOCK).open("a+")
        except OSError as problem:
            raise NotOurs(f"{self.path} cannot be used: {problem.strerror}") from None

    def _may_be_taken(self, names: set[str]) -> bool:
        """An older version's failed start left its lock and logs only."""
        return not names - {_LOCK} or names == {_LOCK, "logs"} or self.ours
