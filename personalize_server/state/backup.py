"""A copy of a server's data folder, taken while the server runs."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

STATE, DATASETS, MODELS = "state.sqlite3", "datasets", "models"
_ATTEMPTS = 20


def back_up(data: Path, target: Path) -> None:
    """State as of one moment, and every dataset part and model that it refers to.

    What jobs and imports replace meanwhile may vanish before it is copied: then the state is copied again.
    Raises: ValueError, if there is nothing to copy or something in the way.
    """
    if not (data / STATE).is_file():
        raise ValueError(f"{data} is not the data folder of a server: it has no {STATE}")
    if target.exists() and any(target.iterdir()):
        raise ValueError(f"{target} is not empty")
    for folder in (DATASETS, MODELS):
        (target / folder).mkdir(parents=True, exist_ok=True)
    for _ in range(_ATTEMPTS):
        _copy_state(data / STATE, target / STATE)
        if _copy_folders(data, target):
            return
    raise ValueError(f"the data in {data} changes faster than it can be copied")


def _copy_state(source: Path, target: Path) -> None:
    """Also what is still in SQLite's write-ahead log; the server is not held up."""
    target.unlink(missing_ok=True)
    # Who may write clears the log of a killed server away, which its next start looks for.
    reader = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=60)
    writer = sqlite3.connect(target)
    try:
        reader.backup(writer)
        writer.execute("PRAGMA journal_mode = DELETE")
    finally:
        reader.close()
        writer.close()


def _copy_folders(data: Path, target: Path) -> bool:
    """False: something has been replaced since the state was copied."""
    wanted = set(_referred(target / STATE))
    for kind in (DATASETS, MODELS):
        for entry in (target / kind).iterdir():
            if f"{kind}/{entry.name}" not in wanted:
                shutil.rmtree(entry)
    for name in sorted(wanted):
        if not (target / name).exists():
            half = target / f"{name}.part"
            try:
                shutil.copytree(data / name, half)
            except (FileNotFoundError, shutil.Error):
                shutil.rmtree(half, ignore_errors=True)
                return False
            half.rename(target / name)
    return True


def _referred(state: Path) -> Iterator[str]:
    """Folders, relative to the data folder, that resources name."""
    db = sqlite3.connect(state)
    try:
        for (own,) in db.execute("SELECT own FROM resources"):
            named = json.loads(own)
            yield from (f"{DATASETS}/{part}" for part in named.get("parts", ()))
            if named.get("model"):
                yield f"{MODELS}/{named['model']}"
    finally:
        db.close()
