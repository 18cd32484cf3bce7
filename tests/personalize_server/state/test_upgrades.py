"""The state file of any older version is brought forward, as a whole or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from personalize_server.facts.options import Options
from personalize_server.server.start import serve
from personalize_server.state import migrations
from personalize_server.state.connections import open_writer
from personalize_server.state.store import Store


def _of_version(path: Path, version: int) -> None:
    with closing(open_writer(path)) as db:
        for number, step in enumerate(migrations._STEPS[:version], 1):
            db.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")
        row = ("arn", "Filter", "1", "r", "n", '{"a": 1}', "{}", 1.0, 2.0, "create", 1.0)
        columns = "arn, kind, account, region, name, body, own, created, updated, phase, phase_since"
        db.execute(f"INSERT INTO resources ({columns}) VALUES ({', '.join('?' * len(row))})", row)
        db.execute("INSERT INTO tags VALUES ('arn', 'k', 'v')")


def _shape(path: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(path)) as db:
        return sorted(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())


@pytest.mark.parametrize("version", range(1, len(migrations._STEPS)))
def test_every_older_version_ends_as_a_new_file_begins(tmp_path: Path, version: int) -> None:
    _of_version(tmp_path / "old", version)
    for name in ("old", "new"):
        Store(tmp_path / name).close()
    assert _shape(tmp_path / "old") == _shape(tmp_path / "new")
    with closing(Store(tmp_path / "old")) as store:
        record = store.get("arn")
        assert record is not None and (record.body, record.created, record.updated) == ({"a": 1}, 1.0, 2.0)
        assert store.tags("arn") == {"k": "v"}


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, steps = tmp_path / "state", migrations._STEPS
    _of_version(path, 2)
    before = _shape(path)
    broken = (
        "CREATE TABLE half (value); UPDATE resources SET name = 'changed'; INSERT INTO nowhere VALUES (1);"
    )
    monkeypatch.setattr(migrations, "_STEPS", (*steps[:2], broken))
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        Store(path)
    assert _shape(path) == before
    monkeypatch.setattr(migrations, "_STEPS", steps)
    with closing(Store(path)) as store:
        record = store.get("arn")
        assert record is not None and record.name == "n"


def test_the_state_of_a_newer_server_is_refused_and_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(tmp_path / "state.sqlite3")) as db:
        db.execute("PRAGMA user_version = 1000")
    assert serve(Options(data=tmp_path, port=0)) == 1
    known = len(migrations._STEPS)
    told = f"cannot serve: the state file has version 1000, this server knows {known}: use a newer server"
    assert told in capsys.readouterr().err
    assert _shape(tmp_path / "state.sqlite3") == []
