"""`python -m local_cloud`: what it does not touch, and what it says of options and folders it cannot use."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local_cloud import cli
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import Record, StateFolder
from local_cloud.server.__main__ import main as serve
from tests.local_cloud.support.ports import free_ports, listening

ROOT = Path(__file__).resolve().parents[3]
OTHERS = ("logs/app.log", "postgres/data", "outbox/letter.json", "cdk.out/manifest.json", "outputs.json")


def command(*arguments: str | int | Path) -> list[str]:
    return [sys.executable, "-m", "local_cloud", *(str(each) for each in arguments)]


def run(*arguments: str | int | Path) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert "Traceback" not in done.stderr
    return done


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A folder of somebody else, with names that the local cloud uses too."""
    for name in OTHERS:
        path = tmp_path / "theirs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("theirs")
    return tmp_path / "theirs"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    run("down", "--folder", tmp_path / "state")


def test_down_deletes_nothing_in_a_folder_that_it_did_not_make(others: Path) -> None:
    before = files(others)
    done = run("down", "--folder", others)
    assert done.returncode == 0
    assert "nothing was running" in done.stdout
    assert files(others) == before


def test_up_and_the_outbox_refuse_a_folder_that_has_others_files(others: Path) -> None:
    before = files(others)
    for arguments in (["up", "--servers-only"], ["outbox", "--empty"]):
        done = run(*arguments, "--folder", others)
        assert done.returncode == 1
        assert str(others) in done.stderr
    assert files(others) == before


def test_down_makes_no_folder_and_removes_no_empty_one_of_others(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new/below"):
        assert "nothing was running" in run("down", "--folder", tmp_path / name).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_the_folder_of_an_older_version_is_known_by_its_record(others: Path) -> None:
    StateFolder(others).write(Record(port=free_ports()))
    assert run("down", "--folder", others).returncode == 0
    assert not others.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--port", "0"), "--port: must be a whole number from 1 to 65532"),
        (("--port", "-5"), "--port: must be a whole number from 1 to 65532"),
        (("--port", "65533"), "--port: must be a whole number from 1 to 65532"),
        (("--port", "99999"), "--port: must be a whole number from 1 to 65532"),
        (("--time-scale", "0"), "--time-scale: must be a number above 0"),
        (("--time-scale", "-1"), "--time-scale: must be a number above 0"),
        (("--time-scale", "nan"), "--time-scale: must be a number above 0"),
        (("--time-scale", "inf"), "--time-scale: must be a number above 0"),
        (("--folder", __file__), "--folder: must be a folder"),
        (("--folder", f"{__file__}/below"), "--folder: must be a folder"),
    ],
)
def test_an_option_that_cannot_be_is_refused_with_what_it_must_be(
    options: tuple[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["up", *options])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("options", [("--port", "70000"), ("--time-scale", "nan")])
def test_the_server_by_itself_refuses_them_too(
    options: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        serve(list(options))
    assert ended.value.code == 2
    assert f"{options[0]}: must be" in capsys.readouterr().err


def test_a_port_that_personalize_cannot_have_is_named(tmp_path: Path) -> None:
    options = ("--port", "70000", "--data", str(tmp_path), "--no-auth")
    serve = [sys.executable, "-m", "personalize_server", "serve", *options]
    done = subprocess.run(serve, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("--port must be a whole number from 0 to 65535, got 70000\n")


@pytest.mark.parametrize(
    "content",
    ["{", *(pytest.param(content, marks=pytest.mark.prove) for content in ("", "[]", '{"servers": [{}]}'))],
)
def test_a_record_that_cannot_be_read_is_named_and_down_cleans_up(content: str, folder: Path) -> None:
    with StateFolder(folder).locked():
        (folder / "cloud.json").write_text(content)
        (folder / "outputs.json").write_text("{}")
    for arguments in (["status"], ["up", "--servers-only"]):
        done = run(*arguments, "--folder", folder)
        assert done.returncode == 1
        assert "cloud.json does not say what runs" in done.stderr
        assert "`python -m local_cloud down` cleans up" in done.stderr
    assert run("down", "--folder", folder).returncode == 0
    assert not folder.exists()


@pytest.mark.prove
def test_servers_whose_record_is_lost_are_found_and_the_reader_may_go_away(folder: Path) -> None:
    port = free_ports()
    starting = command("up", "--servers-only", "--folder", folder, "--port", port)
    begun = subprocess.Popen(starting, cwd=ROOT, stdout=-1, stderr=-1, text=True)
    assert begun.stdout is not None
    assert begun.stderr is not None
    begun.stdout.close()
    errors = begun.stderr.read()
    begun.stderr.close()
    assert begun.wait(120) == 0, errors
    assert errors == ""

    status = run("status", "--folder", folder, "--port", free_ports())
    assert status.returncode == 0, status.stderr
    assert "nothing is deployed" in status.stdout

    record = StateFolder(folder).read()
    assert record is not None
    pids = [each.handle.pid for each in record.servers]
    (folder / "cloud.json").unlink()
    status = run("status", "--folder", folder)
    assert status.returncode == 3
    assert all(f"(process {pid}) of an earlier one still runs" in status.stdout for pid in pids)

    (folder / "cloud.json").write_text("")
    assert all(psutil.pid_exists(pid) for pid in pids)
    assert run("down", "--folder", folder).returncode == 0
    assert not any(listening(each) for each in range(port, port + 4))
    assert not folder.exists()


def test_a_command_whose_reader_goes_away_ends_without_a_traceback(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command("outbox", "--json", "--folder", folder), cwd=ROOT, stdout=writing, stderr=-1, text=True,
            timeout=120, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_progress_goes_on_when_nobody_reads_it() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        progress = Progress(output)
        progress.say("unread")
        progress.say("unread too")


def test_an_interruption_while_it_is_still_loading_ends_it_quietly() -> None:
    program = """
import os, runpy, signal, sys

class Interrupts:
    def find_spec(self, name, *_):
        if name == "local_cloud.cli":
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs of some shells ignore it
sys.meta_path.insert(0, Interrupts())
runpy.run_module("local_cloud", run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == -signal.SIGINT
    assert done.stderr == ""
