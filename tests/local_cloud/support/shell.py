"""`python -m local_cloud` as somebody types it."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from local_cloud.machine.postgres import Postgres
from local_cloud.machine.state import Record, StateFolder
from tests.local_cloud.support.ports import listening

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Shell:
    """Commands on one folder and port."""

    folder: Path
    port: int

    def command(self, *arguments: str) -> list[str]:
        common = ["--folder", str(self.folder), "--port", str(self.port)]
        return [sys.executable, "-m", "local_cloud", arguments[0], *common, *arguments[1:]]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(self.command(*arguments), cwd=ROOT, stdout=-1, stderr=-1, text=True)

    def up(self) -> subprocess.CompletedProcess[str]:
        return self.run("up", "--servers-only")

    def record(self) -> Record:
        record = StateFolder(self.folder).read()
        assert record is not None
        return record

    def pids(self) -> dict[str, int]:
        return {server.name: server.handle.pid for server in self.record().servers}

    def processes(self) -> list[str]:
        """What runs for this folder, whoever started it."""
        lines = (" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"]))
        return [line for line in lines if str(self.folder) in line]

    def busy_ports(self) -> list[int]:
        return [port for port in range(self.port, self.port + 3) if listening(port)]


def asked(shell: Shell, statement: str) -> object:
    """Of the cloud's database."""
    dsn = Postgres(shell.folder / "postgres").database(shell.port + 2).dsn

    async def ask() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
