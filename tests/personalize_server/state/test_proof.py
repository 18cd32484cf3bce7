"""What a server does not know for sure is never removed: it says what is missing, and stays away."""

import errno
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from personalize_server.facts.options import Options
from personalize_server.state import proof
from personalize_server.state.backup import back_up
from personalize_server.state.garbage import collect_garbage
from personalize_server.state.proof import Unproven, proved
from personalize_server.state.store import Record, Store


def _options(data: Path, *, begin_anew: bool = False, trust_state: bool = False) -> Options:
    return Options(data=data, begin_anew=begin_anew, trust_state=trust_state)


def _dataset(name: str, part: str) -> Record:
    return Record(
        arn=name,
        kind="Dataset",
        account="1",
        region="r",
        name=name,
        body={},
        created=1.0,
        updated=1.0,
        own={"parts": [part]},
    )


def _add(data: Path, store: Store, name: str) -> None:
    (data / "datasets" / name).mkdir(parents=True)
    store.insert(_dataset(name, name))


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Path]:
    """The folder of a server with two datasets, of which the second is in the write-ahead log alone."""
    running = tmp_path / "running"
    running.mkdir()
    with proved(_options(running)), closing(Store(_options(running).state_file)) as store:
        _add(running, store, "first")
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
        _add(running, store, "second")
        shutil.copytree(running, tmp_path / "killed")
    yield tmp_path / "killed"


@pytest.fixture
def ended(tmp_path: Path) -> Path:
    data = tmp_path / "ended"
    data.mkdir()
    with proved(_options(data)), closing(Store(_options(data).state_file)) as store:
        _add(data, store, "first")
    return data


def _served(data: Path, **flags: bool) -> list[str]:
    """What a server on this folder knows, after it has cleared up as at every start."""
    options = _options(data, **flags)
    with proved(options), closing(Store(options.state_file)) as store:
        collect_garbage(store, options)
        return [record.name for record in store.everything("Dataset")]


def _files(folder: Path) -> dict[str, bytes]:
    """Without the index of the write-ahead log, which is made again by whoever reads."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _kept(data: Path) -> set[str]:
    return {path.name for path in data.rglob("datasets/*")}


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
    with proved(_options(other)):
        pass
    _lose_state(data)
    shutil.copy(other / "state.sqlite3", data)


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
    ],
)
def test_a_folder_that_was_served_and_lacks_something_is_refused_as_it_is(
    killed: Path, fault: Callable[[Path], None], words: str
) -> None:
    fault(killed)
    before = _files(killed)
    with pytest.raises(Unproven, match=words) as refused:
        _served(killed)
    assert "--begin-anew" in str(refused.value)
    assert _files(killed) == before
    assert _kept(killed) == {"first", "second"}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (_lose_state, "is missing, but .* has 1 datasets"),
        (_take_another_servers_state, "another server's, or older"),
    ],
)
def test_so_is_one_whose_server_has_ended(ended: Path, fault: Callable[[Path], None], words: str) -> None:
    fault(ended)
    with pytest.raises(Unproven, match=words):
        _served(ended)
    assert _kept(ended) == {"first"}


def test_an_older_state_of_the_same_server_is_not_taken_for_the_newest(ended: Path) -> None:
    older = (ended / "state.sqlite3").read_bytes()
    with proved(_options(ended)), closing(Store(_options(ended).state_file)) as store:
        _add(ended, store, "second")
    (ended / "state.sqlite3").write_bytes(older)
    with pytest.raises(Unproven, match="or older"):
        _served(ended)
    assert _kept(ended) == {"first", "second"}


def test_a_copy_made_while_the_same_server_ran_is_not_taken_for_what_it_left(ended: Path) -> None:
    state = ended / "state.sqlite3"
    with proved(_options(ended)), closing(Store(state)) as store:
        back_up(ended, ended.parent / "backup")
        _add(ended, store, "second")
    shutil.copy(ended.parent / "backup" / "state.sqlite3", state)
    with pytest.raises(Unproven, match="or older"):
        _served(ended)
    assert _kept(ended) == {"first", "second"}


@pytest.mark.parametrize("older", ["earlier", "backup"])
def test_an_older_state_is_not_put_under_the_log_of_a_server_that_was_killed(ended: Path, older: str) -> None:
    killed, place = ended.parent / "killed", ended.parent
    shutil.copytree(ended, place / "earlier")
    with proved(_options(ended)), closing(Store(_options(ended).state_file)) as store:
        back_up(ended, place / "backup")
        _add(ended, store, "second")
        shutil.copytree(ended, killed)
    shutil.copy(place / older / "state.sqlite3", killed)
    before = _files(killed)
    for flags in ({}, {"trust_state": True}):
        with pytest.raises(Unproven, match=r"is older than .*-wal"):
            _served(killed, **flags)
    assert (_files(killed), _kept(killed)) == (before, {"first", "second"})


def test_a_full_disk_at_the_end_is_no_reason_to_refuse(ended: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = proof._write

    def full(data: Path, said: proof._Proof) -> None:
        if said.ended:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(data, said)

    with monkeypatch.context() as patched:
        patched.setattr(proof, "_write", full)
        assert _served(ended) == ["first"]
    assert not (ended / "state.sqlite3-wal").exists()
    assert _served(ended) == ["first"]


def test_starts_that_fail_again_and_again_are_no_reason_to_refuse(
    ended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_data: Path, _said: proof._Proof) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(proof, "_write", full)
        for _ in range(3):
            with pytest.raises(OSError, match="No space"):
                _served(ended)
    assert _served(ended) == ["first"]


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
            _served(ended, begin_anew=True)
    if moves:
        with pytest.raises(Unproven):
            _served(ended)
    assert _served(ended, begin_anew=True) == []
    assert {path.name for path in ended.glob("aside-*/datasets/*")} == {"first"}


def test_what_a_trusted_state_does_not_know_is_moved_aside(killed: Path) -> None:
    _lose_log(killed)
    assert _served(killed, trust_state=True) == ["first"]
    assert _kept(killed) == {"first", "second"}
    assert [path.name for path in killed.glob("aside-*/datasets/*")] == ["second"]
    assert _served(killed) == ["first"]


def test_without_any_state_there_is_nothing_to_trust(killed: Path) -> None:
    _lose_state(killed)
    with pytest.raises(Unproven):
        _served(killed, trust_state=True)


def test_beginning_anew_moves_everything_and_deletes_nothing(killed: Path) -> None:
    _lose_state(killed)
    assert _served(killed, begin_anew=True) == []
    assert [sorted(path.name for path in killed.glob("aside-*/datasets/*"))] == [["first", "second"]]
    assert _served(killed) == []


def test_a_killed_or_ended_server_goes_on_with_all_it_knew(killed: Path, ended: Path) -> None:
    assert _served(killed) == ["first", "second"]
    assert [_served(ended) for _ in range(3)] == [["first"]] * 3


def test_what_was_left_unfinished_is_removed_where_the_state_is_proved(killed: Path) -> None:
    (killed / "datasets" / "half").mkdir()
    assert _served(killed) == ["first", "second"]
    assert _kept(killed) == {"first", "second"}


def test_a_folder_from_before_there_were_proofs_is_served_and_nothing_of_it_removed(ended: Path) -> None:
    (ended / "proof.json").unlink()
    with closing(sqlite3.connect(ended / "state.sqlite3")) as db:
        db.executescript("DROP TABLE folder; DROP TABLE clock;")
        [(version,)] = db.execute("PRAGMA user_version").fetchall()
        db.execute(f"PRAGMA user_version = {version - 1}")
    (ended / "datasets" / "unknown").mkdir()
    assert _served(ended) == ["first"]
    assert _kept(ended) == {"first", "unknown"}


def test_a_backup_of_a_killed_servers_folder_is_served_and_the_folder_still_too(
    killed: Path, tmp_path: Path
) -> None:
    back_up(killed, tmp_path / "backup")
    assert _served(tmp_path / "backup") == ["first", "second"]
    assert _served(killed) == ["first", "second"]


def test_a_kill_between_opening_and_saying_so_is_no_reason_to_refuse(killed: Path) -> None:
    """The state counts first; the folder's file follows."""
    said = killed / "proof.json"
    content = json.loads(said.read_text(encoding="utf-8"))
    said.write_text(json.dumps({**content, "opened": content["opened"] - 1, "ended": True}), "utf-8")
    assert _served(killed) == ["first", "second"]
