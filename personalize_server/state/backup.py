"""A copy of a server's data folder, taken while the server runs."""

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from personalize_server.disk.checksums import PART, sealed
from personalize_server.disk.syncing import make_synced, sync_tree
from personalize_server.facts.failures import Damaged

STATE, DATASETS, MODELS = "state.sqlite3", "datasets", "models"
_ATTEMPTS = 20
_UNCHECKED = f"{STATE}.part"
"""what the state is called until all of the copy is on disk and has been looked at: no server serves it"""


def back_up(data: Path, target: Path) -> None:
    """State as of one moment, and every dataset part and model that it refers to, on disk and looked at.

    What jobs and imports replace meanwhile may vanish before it is copied: then the state is copied again.
    Raises: ValueError, if there is nothing to copy or something in the way; Damaged, if what was copied is:
    then the copy is whole, and to serve from, but as damaged as the folder.
    """
    if not (data / STATE).is_file():
        raise ValueError(f"{data} is not the data folder of a server: it has no {STATE}")
    if target.exists() and any(target.iterdir()):
        raise ValueError(f"{target} is not empty")
    for folder in (DATASETS, MODELS):
        make_synced(target / folder)
    missing = _copied(data, target)
    damage = [*(f"{name} is missing." for name in missing), *_damage(target)]
    sync_tree(target)
    (target / _UNCHECKED).rename(target / STATE)
    sync_tree(target)
    if damage:
        raise Damaged(f"{target} has what {data} has, but that is damaged: {' '.join(damage)}")


def _copied(data: Path, target: Path) -> Sequence[str]:
    """What the folder itself lacks: it is missing again after the state has been copied once more."""
    before: Sequence[str] = []
    for _ in range(_ATTEMPTS):
        _copy_state(data / STATE, target / _UNCHECKED)
        missing = _copy_folders(data, target)
        if missing == before:
            return missing
        before = missing
    raise ValueError(f"the data in {data} changes faster than it can be copied")


def _copy_state(source: Path, target: Path) -> None:
    """Also what is still in SQLite's write-ahead log; the server is not held up.

    Raises: ValueError, if it cannot be, or is no sound file of SQLite.
    """
    target.unlink(missing_ok=True)
    # Who may write clears the log of a killed server away, which its next start looks for.
    reader = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)
    writer = sqlite3.connect(target)
    try:
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode = DELETE")
        problems = [text for (text,) in writer.execute("PRAGMA integrity_check(10)") if text != "ok"]
    except sqlite3.Error as problem:
        raise ValueError(f"{source} cannot be copied to {target}: {problem}") from None
    finally:
        reader.close()
        writer.close()
    if problems:
        raise ValueError(f"{source} is damaged: {'; '.join(problems)}")


def _copy_folders(data: Path, target: Path) -> Sequence[str]:
    """What is not there any more, in order. Raises: ValueError, if something cannot be copied."""
    wanted = set(_referred(target / _UNCHECKED))
    for kind in (DATASETS, MODELS):
        for entry in (target / kind).iterdir():
            if f"{kind}/{entry.name}" not in wanted:
                shutil.rmtree(entry)
    missing = []
    for name in sorted(wanted):
        if not (target / name).exists():
            half = target / f"{name}.part"
            try:
                shutil.copytree(data / name, half)
            except OSError as problem:  # shutil.Error, of several files, is one
                shutil.rmtree(half, ignore_errors=True)
                if (data / name).exists():
                    raise ValueError(f"{data / name} cannot be copied to {target}: {problem}") from None
                missing.append(name)
            else:
                half.rename(target / name)
    return missing


def _damage(target: Path) -> Iterator[str]:
    """What is wrong with which of the copied data and models, by their checksums."""
    from personalize_server.disk.models import load_model  # brings numpy along, which servers do without

    for kind in (DATASETS, MODELS):
        for folder in sorted((target / kind).iterdir()):
            try:
                if kind == DATASETS:
                    sealed(folder, PART)
                else:
                    load_model(folder)
            except Damaged as problem:
                yield str(problem)


def _referred(state: Path) -> Iterator[str]:
    """Folders, relative to the data folder, that resources name."""
    with closing(sqlite3.connect(state)) as db:
        for (own,) in db.execute("SELECT own FROM resources"):
            named = json.loads(own)
            yield from (f"{DATASETS}/{part}" for part in named.get("parts", ()))
            if named.get("model"):
                yield f"{MODELS}/{named['model']}"
