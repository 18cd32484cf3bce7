"""What a server does not know for sure is never removed: it says what is missing, and stays away."""

import errno
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from personalize_server.state import migrations, proof
from personalize_server.state.backup import back_up
from personalize_server.state.proof import Unproven, proved
from personalize_server.state.store import Store
from tests.personalize_server.support.folders import add, kept, options_of, served


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """The folder of a server with two datasets, of which the second is in the write-ahead log alone."""
    running = tmp_path / "running"
    running.mkdir()
    with proved(options_of(running)), closing(Store(options_of(running).state_file)) as store:
        add(running, store, "first")
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
        add(running, store, "second")
        shutil.copytree(running, tmp_path / "killed")
    yield tmp_path / "killed"


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    data = tmp_path / "ended"
    data.mkdir()
    with proved(options_of(data)), closing(Store(options_of(data).state_file)) as store:
        add(data, store, "first")
    return data


def _files(folder: Path) -> dict[str, bytes]:
    """Without the index of the write-ahead log, which is made again by whoever reads."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _lose_log(data: Path) -> None:
    (data / "state.sqlite3-wal").unlink()


def _empty_log(data: Path) -> None:
    (data / "state.sqlite3-wal").write_bytes(b"")


def _lose_state(data: Path) -> None:
    for file in data.glob("state.sqlite3*"):
        file.unlink()


def _empty_state(data: Path) -> None:
    (data / "state.sqlite3").write_bytes(b"")


def _damage_state(data: Path) -> None:
    (data / "state.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)


def _take_another_servers_state(data: Path) -> None:
    other = data.parent / "other"
    other.mkdir()
    with proved(options_of(other)):
        pass
    _lose_state(data)
    shutil.copy(other / "state.sqlite3", data)


def _change_a_value(data: Path) -> None:
    """A letter of the name of a part."""
    state = data / "state.sqlite3"
    state.write_bytes(state.read_bytes().replace(b'["first"]', b'["worst"]'))


def _damage_head_of_log(data: Path) -> None:
    log = data / "state.sqlite3-wal"
    content = bytearray(log.read_bytes())
    content[17] ^= 1
    log.write_bytes(content)


def _damage_proof(data: Path) -> None:
    (data / "proof.json").write_text('{"identity": ', encoding="utf-8")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (_lose_log, "state.sqlite3-wal is missing or empty"),
        (_empty_log, "state.sqlite3-wal is missing or empty"),
        (_lose_state, "state.sqlite3 is missing, but .* has 2 datasets"),
        (_empty_state, "state.sqlite3 is empty, but .* has 2 datasets"),
        (_damage_state, "state.sqlite3 cannot be read"),
        (_damage_proof, "proof.json is damaged"),
        (_damage_head_of_log, "state.sqlite3-wal is damaged: [0-9]+ transactions"),
    ],
)
def test_a_folder_that_was_served_and_lacks_something_is_refused_as_it_is(
    killed: Path, fault: Callable[[Path], None], words: str
) -> None:
    fault(killed)
    before = _files(killed)
    with pytest.raises(Unproven, match=words) as refused:
        served(killed)
    assert "--begin-anew" in str(refused.value)
    assert _files(killed) == before
    assert kept(killed) == {"first", "second"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (_lose_state, "is missing, but .* has 1 datasets"),
        (_take_another_servers_state, "another server's, or older"),
        (_change_a_value, "is not as its server left it"),
    ],
)
def test_so_is_one_whose_server_has_ended(ended: Path, fault: Callable[[Path], None], words: str) -> None:
    fault(ended)
    with pytest.raises(Unproven, match=words):
        served(ended)
    assert kept(ended) == {"first"}


def test_an_older_state_of_the_same_server_is_not_taken_for_the_newest(ended: Path) -> None:
    older = (ended / "state.sqlite3").read_bytes()
    with proved(options_of(ended)), closing(Store(options_of(ended).state_file)) as store:
        add(ended, store, "second")
    (ended / "state.sqlite3").write_bytes(older)
    with pytest.raises(Unproven, match="or older"):
        served(ended)
    assert kept(ended) == {"first", "second"}


def test_a_copy_made_while_the_same_server_ran_is_not_taken_for_what_it_left(ended: Path) -> None:
    state = ended / "state.sqlite3"
    with proved(options_of(ended)), closing(Store(state)) as store:
        back_up(ended, ended.parent / "backup")
        add(ended, store, "second")
    shutil.copy(ended.parent / "backup" / "state.sqlite3", state)
    with pytest.raises(Unproven, match="or older"):
        served(ended)
    assert kept(ended) == {"first", "second"}


@pytest.mark.parametrize("older", ["earlier", "backup"])
def test_an_older_state_is_not_put_under_the_log_of_a_server_that_was_killed(ended: Path, older: str) -> None:
    killed, place = ended.parent / "killed", ended.parent
    shutil.copytree(ended, place / "earlier")
    with proved(options_of(ended)), closing(Store(options_of(ended).state_file)) as store:
        back_up(ended, place / "backup")
        add(ended, store, "second")
        shutil.copytree(ended, killed)
    shutil.copy(place / older / "state.sqlite3", killed)
    before = _files(killed)
    for flags in ({}, {"trust_state": True}):
        with pytest.raises(Unproven, match=r"is older than .*-wal"):
            served(killed, **flags)
    assert (_files(killed), kept(killed)) == (before, {"first", "second"})


def test_a_full_disk_at_the_end_is_no_reason_to_refuse(ended: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = proof._write

    def full(data: Path, said: proof._Proof) -> None:
        if said.ended:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(data, said)

    with monkeypatch.context() as patched:
        patched.setattr(proof, "_write", full)
        assert served(ended) == ["first"]
    assert not (ended / "state.sqlite3-wal").exists()
    assert served(ended) == ["first"]


def test_starts_that_fail_again_and_again_are_no_reason_to_refuse(
    ended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_data: Path, _said: proof._Proof) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(proof, "_write", full)
        for _ in range(3):
            with pytest.raises(OSError, match="No space"):
                served(ended)
    assert served(ended) == ["first"]


def test_a_start_that_fails_leaves_a_killed_server_its_log(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for place, name in ((proof, "_write"), (Store, "open_folder")):
        with monkeypatch.context() as patched:
            patched.setattr(place, name, full)
            with pytest.raises(OSError, match="No space"):
                served(killed)
    assert served(killed) == ["first", "second"]


@pytest.mark.parametrize("moves", range(4))
def test_beginning_anew_that_is_cut_off_is_refused_until_it_is_done_again(
    ended: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    move, done = shutil.move, list[object]()

    def cut_off(source: Path, target: Path) -> None:
        if len(done) == moves:
            raise OSError("killed")
        done.append(move(source, target))

    (ended / "models" / "model").mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "move", cut_off)
        with pytest.raises(OSError, match="killed"):
            served(ended, begin_anew=True)
    if moves:
        with pytest.raises(Unproven):
            served(ended)
    assert served(ended, begin_anew=True) == []
    assert {path.name for path in ended.glob("aside-*/datasets/*")} == {"first"}


def test_what_a_trusted_state_does_not_know_is_moved_aside(killed: Path) -> None:
    _lose_log(killed)
    assert served(killed, trust_state=True) == ["first"]
    assert kept(killed) == {"first", "second"}
    assert [path.name for path in killed.glob("aside-*/datasets/*")] == ["second"]
    assert served(killed) == ["first"]


def test_without_any_state_there_is_nothing_to_trust(killed: Path) -> None:
    _lose_state(killed)
    with pytest.raises(Unproven):
        served(killed, trust_state=True)


def test_beginning_anew_moves_everything_and_deletes_nothing(killed: Path) -> None:
    _lose_state(killed)
    assert served(killed, begin_anew=True) == []
    assert [sorted(path.name for path in killed.glob("aside-*/datasets/*"))] == [["first", "second"]]
    assert served(killed) == []


def test_a_killed_or_ended_server_goes_on_with_all_it_knew(killed: Path, ended: Path) -> None:
    assert served(killed) == ["first", "second"]
    assert [served(ended) for _ in range(3)] == [["first"]] * 3


def test_what_was_left_unfinished_is_removed_where_the_state_is_proved(killed: Path) -> None:
    (killed / "datasets" / "half").mkdir()
    assert served(killed) == ["first", "second"]
    assert kept(killed) == {"first", "second"}


def test_a_folder_from_before_there_were_proofs_is_served_and_nothing_of_it_removed(ended: Path) -> None:
    (ended / "proof.json").unlink()
    version = next(number for number, step in enumerate(migrations._STEPS) if "CREATE TABLE folder" in step)
    made = re.findall(r"CREATE (INDEX|TABLE|TRIGGER) (\w+)", "".join(migrations._STEPS[version:]))
    with closing(sqlite3.connect(ended / "state.sqlite3")) as db:
        for kind, name in sorted(made, key=lambda each: each[0] == "TABLE"):
            db.execute(f"DROP {kind} {name}")
        db.execute(f"PRAGMA user_version = {version}")
    (ended / "datasets" / "unknown").mkdir()
    assert served(ended) == ["first"]
    assert kept(ended) == {"first", "unknown"}


def test_a_backup_of_a_killed_servers_folder_is_served_and_the_folder_still_too(
    killed: Path, tmp_path: Path
) -> None:
    back_up(killed, tmp_path / "backup")
    assert served(tmp_path / "backup") == ["first", "second"]
    assert served(killed) == ["first", "second"]


def test_a_kill_between_opening_and_saying_so_is_no_reason_to_refuse(killed: Path) -> None:
    """The state counts first; the folder's file follows."""
    said = killed / "proof.json"
    content = json.loads(said.read_text(encoding="utf-8"))
    said.write_text(json.dumps({**content, "opened": content["opened"] - 1, "ended": True}), "utf-8")
    assert served(killed) == ["first", "second"]
