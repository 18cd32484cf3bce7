"""What a cloud has outlives servers that die, and commands that fail."""

import json
import os
import signal
import subprocess

import asyncpg
import pytest

from tests.local_cloud.support.shell import Shell, alive, asked


def test_servers_that_were_killed_start_again_on_what_they_had(running: Shell) -> None:
    before = running.pids()
    asked(running, "CREATE TABLE mine AS SELECT 42 AS answer")
    for name in ("Personalize", "PostgreSQL"):
        os.kill(before[name], signal.SIGKILL)
    status = running.run("status")
    assert (status.returncode, status.stdout.count("GONE")) == (1, 2)

    done = running.up()

    assert done.returncode == 0, done.stderr
    assert f"the Personalize server (process {before['Personalize']}) is gone" in done.stdout
    assert "Personalize and PostgreSQL start again with all data" in done.stdout
    assert asked(running, "SELECT answer FROM mine") == 42
    after = running.pids()
    assert after["moto"] == before["moto"]
    assert not {before["Personalize"], before["PostgreSQL"]} & set(after.values())
    assert running.run("status").returncode == 0


@pytest.mark.prove
def test_a_cloud_whose_aws_was_killed_is_deployed_anew_and_keeps_the_database(running: Shell) -> None:
    before = running.pids()
    asked(running, "CREATE TABLE ours AS SELECT 43 AS answer")
    os.kill(before["moto"], signal.SIGKILL)

    done = running.up()

    assert done.returncode == 0, done.stderr
    assert "deployed anew; the database stays" in done.stdout
    assert not set(before.values()) & set(running.pids().values())
    assert not any(alive(pid) for pid in before.values())
    assert asked(running, "SELECT answer FROM ours") == 43


@pytest.mark.prove
def test_an_up_that_is_interrupted_keeps_the_database_that_was_there(running: Shell) -> None:
    asked(running, "CREATE TABLE theirs AS SELECT 44 AS answer")
    os.kill(running.pids()["moto"], signal.SIGKILL)
    begun = running.begin("up", "--servers-only")
    assert begun.stdout is not None
    begun.stdout.readline()
    begun.send_signal(signal.SIGINT)
    begun.communicate(timeout=60)

    done = running.up()

    assert (begun.returncode, done.returncode) == (130, 0), done.stderr
    assert "the database" in done.stdout
    assert asked(running, "SELECT answer FROM theirs") == 44


@pytest.mark.prove
def test_fresh_deletes_the_database_too(running: Shell) -> None:
    asked(running, "CREATE TABLE old AS SELECT 45 AS answer")

    assert running.run("up", "--servers-only", "--fresh").returncode == 0

    with pytest.raises(asyncpg.UndefinedTableError):
        asked(running, "SELECT answer FROM old")


def test_the_environment_is_for_a_shell_and_the_status_says_the_database(running: Shell) -> None:
    told = subprocess.run(
        ["bash", "-c", running.run("env").stdout + 'echo "$PGURL $AWS_ENDPOINT_URL"'],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip

    assert f"local_cloud env --folder {running.folder}" in running.up().stdout
    assert told[0] in running.run("status").stdout
    assert told[1].endswith(f":{running.port}")
    variables = json.loads(running.run("env", "--json").stdout)
    assert [variables["PGURL"], variables["AWS_ENDPOINT_URL"]] == told
