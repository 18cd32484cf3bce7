"""A write-ahead log that was damaged is told apart from one that the machine's end cut off."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from personalize_server.state.proof import Unproven, proved
from personalize_server.state.store import Store
from tests.personalize_server.support.folders import add, kept, options_of, served


def _killed(folder: Path, *names: str) -> Path:
    """The folder of a server whose datasets of these names are in the write-ahead log alone."""
    running, killed = folder / "running", folder / "killed"
    running.mkdir()
    with proved(options_of(running)), closing(Store(options_of(running).state_file)) as store:
        add(running, store, "before")
        store.query("PRAGMA wal_checkpoint(TRUNCATE)")
        for name in names:
            add(running, store, name)
        shutil.copytree(running, killed)
    return killed


def _damage(data: Path, at: int) -> None:
    log = data / "state.sqlite3-wal"
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
    killed = _killed(tmp_path, "first")
    _damage(killed, _IN_FIRST_PAGE)
    assert served(killed) == ["before"]
    assert [path.name for path in killed.glob("aside-*/datasets/*")] == ["first"]


def test_a_log_from_which_nothing_is_missing_is_taken_in(tmp_path: Path) -> None:
    assert served(_killed(tmp_path, "first", "second")) == ["before", "first", "second"]
