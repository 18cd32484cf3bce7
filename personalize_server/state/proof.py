"""Whether a state file is the one by which the data beside it were kept.

A server removes data and models that its state does not know. Before it may, the state has to be proved: the
folder remembers of which state it is, how often that was opened, and whether a server has ended since.
"""

import hashlib
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from personalize_server.disk.commit_count import count_file, noted
from personalize_server.disk.syncing import sync_folder, write_synced
from personalize_server.facts.options import Options
from personalize_server.state.connections import open_reader
from personalize_server.state.folder import Folder, folder_of, has_no_log, is_there, opened_alone, wal_of
from personalize_server.state.garbage import unknown
from personalize_server.state.store import Store

_log = logging.getLogger(__name__)
_LOCK = "lock"
_TRUST = "To serve what the state file knows use --trust-state: it moves aside what is not known."


class Unproven(ValueError):
    """The state may not be that of the data."""


@dataclass(frozen=True)
class _Proof:
    """identity: of the state. opened: how often it had been, the last time included. ended: since then.
    based: how often by the file alone, without what its log adds. counted: whether commits are counted beside
    the state.

    sha256: of the state file that a server left when it ended; empty: it is not known.

    The state says the same of itself, and before the folder does: `closed` is the last that a server writes.
    """

    identity: str
    opened: int
    ended: bool
    based: int = 0
    counted: bool = False
    sha256: str = ""


@contextmanager
def proved(options: Options) -> Iterator[None]:
    """Around all that a server does with its folder. Raises: Unproven, before anything has been changed."""
    data = options.data
    if options.begin_anew:
        _begin_anew(data)
    _refuse_mixture(data)
    doubt = _doubt(data)
    if doubt and not (options.trust_state and is_there(options.state_file)):
        raise Unproven(doubt)
    unsure = bool(doubt) or not _proof_file(data).exists() or _lacks_its_last(options.state_file)
    with _reading(options.state_file) as starting, closing(Store(options.state_file)) as store:
        if unsure:
            _set_aside(data, unknown(store, options))
        identity, opened = store.open_folder()
        based = opened_alone(options.state_file) or 0
        _write(data, _Proof(identity, opened, ended=False, based=based, counted=True))
        starting.close()
        try:
            yield
        finally:
            _close(store)
    digest = _digest(options.state_file)
    ended = _Proof(identity, opened, ended=True, based=based, counted=True, sha256=digest)
    _end(data, ended)


def _reading(state: Path) -> ExitStack:
    """Who may write and closes the state last clears its log away: until this is closed, nobody is last."""
    with ExitStack() as reading:
        if is_there(wal_of(state)):
            reader = reading.enter_context(closing(open_reader(state)))
            reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return reading.pop_all()


def _refuse_mixture(data: Path) -> None:
    """Of an older state and a newer log, which SQLite would take for one another's. Raises: Unproven."""
    state, proof = data / "state.sqlite3", _read(data)
    wal = wal_of(state)
    if proof and is_there(state) and is_there(wal) and _is_beneath_a_newer_log(state, proof):
        raise Unproven(
            f"{state} is older than {wal}, which goes with that of a server that was not ended: together "
            f"they would make a state that never was. {_remedy(data, 'that one')} To serve the older one, "
            "move the log away and use --trust-state."
        )


def _doubt(data: Path) -> str | None:
    state, proof = data / "state.sqlite3", _read(data)
    if not is_there(state):
        return _of_missing(data, state) if proof or _kept(data) else None
    if proof is None:
        return None
    wal = wal_of(state)
    try:
        found = folder_of(state, wal)
    except sqlite3.Error as problem:
        return f"{state} cannot be read: {problem}. {_remedy(data, 'a sound one')}"
    ours = found is not None and found.identity == proof.identity and found.opened >= proof.opened
    cleared = ours and found is not None and not found.closed and not is_there(wal) and not proof.ended
    if cleared and not _has_all(state, proof, found):
        return (
            f"{wal} is missing or empty, although the server that wrote it was not ended: what was "
            f"acknowledged last is lost without it. {_remedy(data, 'it')} {_TRUST}"
        )
    # One that was not closed is older than the end of its server, unless another has been opened since.
    if not ours or (proof.ended and found is not None and found.opened == proof.opened and not found.closed):
        return (
            f"{state} is not the one by which the data in {data} were kept last: it is another server's, "
            f"or older. {_remedy(data, 'that one')} {_TRUST}"
        )
    if found is not None and found.lost > 1:
        return (
            f"{wal} is damaged: {found.lost} transactions in it cannot be read. "
            f"{_remedy(data, 'a sound one')} {_TRUST}"
        )
    if proof.counted and not proof.ended and found is not None and found.commits is not None:
        count = noted(state)
        if count is None:
            return (
                f"{count_file(state)} is missing or damaged: nothing else tells whether {wal} has all that "
                f"was acknowledged. {_remedy(data, 'it')} {_TRUST}"
            )
        if found.commits < count:
            return (
                f"{wal} lacks its end: the last {count - found.commits} transactions that were acknowledged "
                f"are not in it. {_remedy(data, 'the whole one')} {_TRUST}"
            )
    if proof.ended and proof.sha256 and found is not None and found.opened == proof.opened:
        if not is_there(wal) and _digest(state) != proof.sha256:
            return (
                f"{state} is not as its server left it: it is damaged, or another program has changed it. "
                f"{_remedy(data, 'the one that was left')} {_TRUST}"
            )
    return None


def _has_all(state: Path, proof: _Proof, found: Folder | None) -> bool:
    """Has the file by itself all that was committed? A process that outlives the server's and closes the
    state last clears the log away.
    """
    count = noted(state) if proof.counted else None
    if found is None or found.commits is None or count is None:
        return False
    return found.commits >= count


def _lacks_its_last(state: Path) -> bool:
    """Has a transaction been cut off, which may have been acknowledged if that was not the machine's end?"""
    wal = wal_of(state)
    found = folder_of(state, wal) if is_there(state) and is_there(wal) else None
    return found is not None and found.lost > 0


def _of_missing(data: Path, state: Path) -> str:
    what = "empty" if state.exists() else "missing"
    counted = [f"{len(names)} {kind}" for kind, names in _kept(data).items()]
    kept = " and ".join(counted) or "been a server's"
    return f"{state} is {what}, but {data} has {kept}: nothing was changed. {_remedy(data, 'it')}"


def _remedy(data: Path, what: str) -> str:
    return (
        f"Put {what} back (with its -wal beside it), or serve from a backup of the whole folder. To begin "
        f"with nothing use --begin-anew: it moves what is in {data} to a folder within."
    )


def _kept(data: Path) -> dict[str, list[str]]:
    """Names of datasets' parts and of models, by what they are."""
    found = {}
    for kind in ("datasets", "models"):
        folder = data / kind
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
        if names:
            found[kind] = names
    return found


def _is_beneath_a_newer_log(state: Path, proof: _Proof) -> bool:
    """A log does not say which file it belongs to."""
    opened = opened_alone(state)
    return (opened is not None and opened < proof.based) or has_no_log(state)


def _begin_anew(data: Path) -> None:
    """The state first, the proof last: cut off in between, the folder is refused until this is done again."""
    entries = [entry for entry in data.iterdir() if _counts(entry)]
    entries.sort(
        key=lambda entry: (entry == _proof_file(data), not entry.name.startswith("state."), entry.name)
    )
    _move(data, entries)


def _close(store: Store) -> None:
    """Whoever closes the state last clears the write-ahead log away, which is missed if nothing says why."""
    try:
        store.close_folder()
    except sqlite3.Error:
        _log.exception("the state cannot be closed: its log stays, and the next start goes on by it")
        os._exit(1)


def _end(data: Path, proof: _Proof) -> None:
    try:
        _write(data, proof)
    except OSError:
        _log.exception("the folder does not say that the server has ended; its state does")


def _set_aside(data: Path, entries: Iterator[Path]) -> None:
    _move(data, sorted(entries))


def _move(data: Path, listed: list[Path]) -> None:
    if not listed:
        return
    target = data / f"aside-{datetime.now(tz=UTC):%Y%m%dT%H%M%S%f}"
    for entry in listed:
        place = target / entry.relative_to(data)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(entry, place)


def _counts(entry: Path) -> bool:
    return entry.name != _LOCK and not entry.name.startswith("aside-")


def _proof_file(data: Path) -> Path:
    return data / "proof.json"


def _read(data: Path) -> _Proof | None:
    try:
        return _Proof(**json.loads(_proof_file(data).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as problem:
        raise Unproven(f"{_proof_file(data)} is damaged ({problem}). {_remedy(data, 'it')}") from problem


def _write(data: Path, proof: _Proof) -> None:
    """As a whole or not at all, whatever ends the process or the machine."""
    file = _proof_file(data)
    half = file.with_suffix(".part")
    write_synced(half, json.dumps(asdict(proof)).encode())
    half.replace(file)
    sync_folder(data)


def _digest(state: Path) -> str:
    """Empty where that is not all of the state."""
    if is_there(state.with_name(f"{state.name}-wal")):
        return ""
    with state.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
