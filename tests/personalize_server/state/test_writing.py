"""Several writers on one state file: each gets its turn, and events are written many at a time."""

import asyncio
import fcntl
import json
import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from personalize_server.state.connections import WriteTurn
from personalize_server.state.event_log import Entry, EventLog
from personalize_server.state.put_records import PutRecord
from personalize_server.state.store import Record, Store


@pytest.fixture
def state_file(tmp_path: Path) -> Iterator[Path]:
    """With a dataset called `d`."""
    store = Store(tmp_path / "state.sqlite3")
    store.insert(
        Record(arn="d", kind="Dataset", account="1", region="r", name="d", body={}, created=0, updated=0)
    )
    yield tmp_path / "state.sqlite3"
    store.close()


def test_who_has_written_does_not_overtake_who_waits(tmp_path: Path) -> None:
    first, second = (WriteTurn(tmp_path / "state.sqlite3") for _ in range(2))
    order: list[str] = []
    holds, again = threading.Event(), threading.Event()

    def writes_twice() -> None:
        with first:
            holds.set()
            again.wait()
        with first:
            order.append("first again")

    def waits() -> None:
        with second:
            order.append("second")

    threads = [threading.Thread(target=writes_twice)]
    threads[0].start()
    holds.wait()
    threads.append(threading.Thread(target=waits))
    threads[1].start()
    while not _is_waited_for(tmp_path / "state.sqlite3-next"):
        pass
    again.set()
    for thread in threads:
        thread.join()
    assert order == ["second", "first again"]
    first.close()
    second.close()


def _is_waited_for(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_turn_may_be_taken_after_who_had_it_has_died(tmp_path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_dies_in_its_turn, args=(tmp_path / "s",))
    process.start()
    process.join()
    assert process.exitcode == 3
    turn = WriteTurn(tmp_path / "s")
    with turn:
        pass
    turn.close()


def _dies_in_its_turn(path: Path) -> None:
    with WriteTurn(path):
        os._exit(3)


def _entry(session: str, user: str | None, *items: str, dataset: str = "d") -> Entry:
    named = None if user else session
    records = [
        PutRecord(
            user or session,
            {"USER_ID": user or session, "ITEM_ID": item, "TIMESTAMP": "1"},
            f"{session}-{item}",
            named,
        )
        for item in items
    ]
    return Entry(dataset, records, session, user)


def _written(state_file: Path, *entries: Entry) -> list[BaseException | None]:
    """How each of them ended, asked for all at once."""

    async def write() -> list[BaseException | None]:
        log = EventLog(state_file)
        ends = await asyncio.gather(*map(log.write, entries), return_exceptions=True)
        await asyncio.to_thread(log.close)
        return ends

    return asyncio.run(write())


def _rows(state_file: Path) -> list[tuple[str, str | None, str, str]]:
    db = sqlite3.connect(state_file)
    found = db.execute("SELECT subject, session, cells FROM put_records ORDER BY seq").fetchall()
    db.close()
    return [(row[0], row[1], json.loads(row[2])["USER_ID"], json.loads(row[2])["ITEM_ID"]) for row in found]


def test_events_asked_for_at_once_are_kept_in_their_order(state_file: Path) -> None:
    entries = [_entry(f"s{n}", f"u{n}", f"i{n}", f"j'\"{n}\u00e9") for n in range(300)]
    assert _written(state_file, *entries) == [None] * 300
    expected = [(f"u{n}", None, f"u{n}", item) for n in range(300) for item in (f"i{n}", f"j'\"{n}\u00e9")]
    assert _rows(state_file) == expected


def test_a_session_becomes_its_users_and_no_other_session_does(state_file: Path) -> None:
    _written(state_file, _entry("a", None, "1"), _entry("b", None, "2"))
    _written(state_file, _entry("a", "anna", "3"), _entry("c", "carl", "4"))
    assert _rows(state_file) == [
        ("anna", None, "anna", "1"),
        ("b", "b", "b", "2"),
        ("anna", None, "anna", "3"),
        ("carl", None, "carl", "4"),
    ]


def test_an_event_of_a_deleted_dataset_fails_alone(state_file: Path) -> None:
    lost = _entry("x", "u", "1", dataset="gone")
    ends = _written(state_file, _entry("a", "u", "1"), lost, _entry("b", "u", "2"))
    assert [type(end) for end in ends] == [type(None), sqlite3.IntegrityError, type(None)]
    assert [row[3] for row in _rows(state_file)] == ["1", "2"]


def test_an_event_sent_again_counts_once(state_file: Path) -> None:
    _written(state_file, _entry("a", "u", "1"), _entry("a", "u", "1"))
    _written(state_file, _entry("a", "u", "1"))
    assert [row[3] for row in _rows(state_file)] == ["1"]
