"""`python -m local_cloud`: what it starts, what it says when it cannot, and that nothing stays behind."""

import asyncio
import fcntl
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from local_cloud import outbox
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.machine.processes import Handle
from local_cloud.machine.state import Record, Server, StateFolder
from tests.local_cloud.support.ports import free_ports, listening
from tests.local_cloud.support.shell import Shell, alive

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path / "state", free_ports())
    yield shell
    shell.run("down")


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "local_cloud", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for command in ("up", "demo", "down", "status", "outbox"):
        assert f"    {command} " in done.stdout


def test_three_servers_listen_and_the_status_shows_them(running: Shell) -> None:
    assert len(running.busy_ports()) == 3
    status = running.run("status")
    assert status.returncode == 0, status.stderr
    for name, pid in running.pids().items():
        assert f"process {pid} since" in next(line for line in status.stdout.splitlines() if name in line)
    assert "nothing is deployed" in status.stdout
    assert not running.record().standby
    told = json.loads(running.run("status", "--json").stdout)
    assert {one["name"]: one["process"] for one in told["servers"] if one["alive"]} == running.pids()
    assert (told["up"], told["complete"], told["down"]) == (True, True, [])
    assert [(one["name"], one["served"]) for one in told["regions"]] == [("eu-west-1", None)]


def test_the_database_is_reached_by_the_secret_that_the_stage_names(running: Shell) -> None:
    secrets = client(Settings(port=running.port), "secretsmanager")
    secret = json.loads(secrets.get_secret_value(SecretId="recs/local/database")["SecretString"])

    async def ask(password: str) -> int:
        connection = await asyncpg.connect(
            host=secret["host"], port=secret["port"], user=secret["username"],
            password=password, database=secret["dbname"],
        )  # fmt: skip
        try:
            return int(await connection.fetchval("SELECT 6 * 7"))
        finally:
            await connection.close()

    assert asyncio.run(ask(secret["password"])) == 42
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(ask("guessed"))


def test_a_region_of_the_cloud_is_lost_and_comes_back(running: Shell) -> None:
    refused = running.run("region", "down", "eu-central-1")
    assert refused.returncode == 1
    assert "say which region: one of eu-west-1, not eu-central-1" in refused.stderr
    assert "eu-west-1        primary    DOWN" in running.run("region", "down", "eu-west-1").stdout
    unwilling = running.run("up", "--servers-only")
    assert unwilling.returncode == 1
    assert "eu-west-1 is down: nothing was deployed or changed. Bring it up" in unwilling.stderr
    back = running.run("region", "up", "eu-west-1", "--json")
    assert (back.returncode, json.loads(back.stdout)["down"]) == (0, [])


def test_a_second_up_keeps_what_runs(running: Shell) -> None:
    before = running.pids()
    assert running.up().returncode == 0
    assert running.pids() == before


def test_another_port_for_the_same_folder_is_refused(running: Shell) -> None:
    done = Shell(running.folder, free_ports()).up()
    assert done.returncode == 1
    assert f"up on port {running.port}" in done.stderr


def test_a_port_that_is_taken_is_named_with_what_to_do(running: Shell, tmp_path: Path) -> None:
    other = Shell(tmp_path / "other", running.port - 1)
    done = other.up()
    assert done.returncode == 1
    assert f"port {running.port}, meant for Personalize, is taken by process" in done.stderr
    assert "--port N" in done.stderr
    assert len(running.busy_ports()) == 3
    assert not listening(other.port)


def test_two_commands_do_not_work_at_once(running: Shell) -> None:
    with (running.folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write("4711")
        lock.flush()
        done = running.run("down")
    assert done.returncode == 1
    assert "another command (process 4711) is at work" in done.stderr
    assert len(running.busy_ports()) == 3


def test_the_outbox_is_printed(running: Shell) -> None:
    email = outbox.Email(
        sent_at="2026-01-01T00:00:00Z", to="you@example.com", subject="S", text="T", topic="t"
    )
    assert "no e-mails" in running.run("outbox").stdout
    outbox.put(running.folder, email)
    assert "to you@example.com\n  S\n    T\n" in running.run("outbox").stdout


def test_down_leaves_no_process_no_port_and_no_file(running: Shell) -> None:
    before = running.pids()
    done = running.run("down")
    assert done.returncode == 0, done.stderr
    assert not running.busy_ports()
    assert not running.processes()
    assert not any(alive(pid) for pid in before.values())
    assert not running.folder.exists()
    gone = running.run("status", "--json")
    assert (gone.returncode, json.loads(gone.stdout)) == (3, {"up": False, "strays": []})
    assert "nothing was running" in running.run("down").stdout


@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.prove)])
def test_an_interrupted_up_stops_what_it_started(shell: Shell, how: signal.Signals) -> None:
    begun = shell.begin("up", "--servers-only")
    assert begun.stdout is not None
    begun.stdout.readline()
    begun.send_signal(how)
    _, errors = begun.communicate(timeout=60)
    assert begun.returncode == 130, errors
    assert "everything that this command started is stopped" in errors
    assert not shell.busy_ports()
    assert not shell.processes()
    assert StateFolder(shell.folder).read() is None


@pytest.mark.prove
def test_after_a_killed_up_the_next_command_finds_what_it_left(shell: Shell) -> None:
    begun = shell.begin("up", "--servers-only")
    assert begun.stdout is not None
    begun.stdout.readline()
    begun.kill()
    begun.communicate()
    _until(lambda: shell.record().servers != ())
    left = shell.pids()
    assert shell.run("down").returncode == 0
    assert not any(alive(pid) for pid in left.values())
    assert not shell.busy_ports()
    assert not shell.processes()


def test_a_stranger_with_the_number_of_a_server_is_left_alone(shell: Shell) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        yesterday = Handle(stranger.pid, time.time() - 86_400)
        state = StateFolder(shell.folder)
        state.write(Record(port=shell.port, servers=(Server("moto", shell.port, yesterday),)))
        assert shell.run("down").returncode == 0
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def _until(condition: object, patience: float = 10) -> None:
    deadline = time.monotonic() + patience
    while callable(condition) and not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
