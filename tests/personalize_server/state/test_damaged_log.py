"""A write-ahead log that was damaged is told apart from one that the machine's end cut off."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from personalize_server.state.proof import Unproven, proved
from personalize_server.state.store import Store
from tests.personalize_server.support.folders import add, kept, options_of, served

_LOG, _COUNT = "state.sqlite3-wal", "state.sqlite3-commits"


def _killed(folder: Path, *names: str, acknowledged: bool = True) -> Path:
    """The folder of a server whose datasets of these names are in the write-ahead log alone.

    acknowledged: whether the last one was, or the server was killed just before.
    """
    running, killed = folder / "running", folder / "killed"
    running.mkdir()
    with proved(options_of(running)), closing(Store(options_of(running).state_file)) as store:
        add(running, store, "before")
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
        for name in names:
            counted = (running / _COUNT).read_bytes()
            add(running, store, name)
        shutil.copytree(running, killed)
    if not acknowledged:
        (killed / _COUNT).write_bytes(counted)
    return killed


def _damage(data: Path, at: int) -> None:
    log = data / _LOG
    content = bytearray(log.read_bytes())
    content[at] ^= 1
    log.write_bytes(content)


_IN_HEADER, _IN_FIRST_PAGE = 17, 32 + 24 + 2000


@pytest.mark.parametrize("at", [_IN_HEADER, _IN_FIRST_PAGE])
def test_a_log_that_was_damaged_is_refused_with_all_that_it_may_know(tmp_path: Path, at: int) -> None:
    killed = _killed(tmp_path, "first", "second")
    _damage(killed, at)
    with pytest.raises(Unproven, match=r"-wal is damaged: [23] transactions in it cannot be read"):
        served(killed)
    assert kept(killed) == {"before", "first", "second"}


def test_what_the_last_transaction_knew_is_moved_aside_where_that_was_cut_off(tmp_path: Path) -> None:
    killed = _killed(tmp_path, "first", acknowledged=False)
    _damage(killed, _IN_FIRST_PAGE)
    assert served(killed) == ["before"]
    assert [path.name for path in killed.glob("aside-*/datasets/*")] == ["first"]


def test_one_whose_last_transaction_was_acknowledged_is_refused(tmp_path: Path) -> None:
    killed = _killed(tmp_path, "first")
    _damage(killed, _IN_FIRST_PAGE)
    with pytest.raises(Unproven, match="the last 1 transactions that were acknowledged are not in it"):
        served(killed)
    assert kept(killed) == {"before", "first"}


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.99])
def test_a_log_that_lost_its_end_is_refused_though_nothing_in_it_is_damaged(
    tmp_path: Path, share: float
) -> None:
    killed = _killed(tmp_path, *(f"set-{number}" for number in range(5)))
    content = (killed / _LOG).read_bytes()
    frame = next(size for size in (512, 1024, 2048, 4096) if (len(content) - 32) % (size + 24) == 0) + 24
    frames = (len(content) - 32) // frame
    (killed / _LOG).write_bytes(content[: 32 + int(share * frames) * frame])

    with pytest.raises(
        Unproven, match=r"-wal lacks its end: the last \d+ transactions|-wal is missing or empty"
    ):
        served(killed)

    assert len(kept(killed)) == 6
    (killed / _LOG).write_bytes(content)
    assert len(served(killed)) == 6


@pytest.mark.parametrize("content", [None, b"", b"\0" * 12])
def test_without_the_number_of_commits_a_killed_servers_log_is_not_taken_on_trust(
    tmp_path: Path, content: bytes | None
) -> None:
    killed = _killed(tmp_path, "first")
    (killed / _COUNT).unlink()
    if content is not None:
        (killed / _COUNT).write_bytes(content)

    with pytest.raises(Unproven, match=r"state\.sqlite3-commits is missing or damaged"):
        served(killed)

    assert kept(killed) == {"before", "first"}


def test_a_folder_of_a_server_that_did_not_count_commits_is_served(tmp_path: Path) -> None:
    killed = _killed(tmp_path, "first")
    (killed / _COUNT).unlink()
    proof = json.loads((killed / "proof.json").read_text())
    del proof["counted"]
    (killed / "proof.json").write_text(json.dumps(proof))

    assert served(killed) == ["before", "first"]
    assert (killed / _COUNT).exists()


def test_a_log_from_which_nothing_is_missing_is_taken_in(tmp_path: Path) -> None:
    assert served(_killed(tmp_path, "first", "second")) == ["before", "first", "second"]


@pytest.mark.parametrize("left", ["nothing", "an empty file"])
def test_one_that_the_last_process_of_a_killed_server_cleared_away_is_not_missed(
    tmp_path: Path, left: str
) -> None:
    killed = _killed(tmp_path, "first")
    with closing(sqlite3.connect(killed / "state.sqlite3")) as last:
        last.execute("SELECT count(*) FROM resources").fetchone()
    assert not (killed / _LOG).exists()
    if left == "an empty file":
        (killed / _LOG).touch()
    assert sorted(served(killed)) == ["before", "first"]
