"""Users taken out of dataset parts, ids and all."""

from collections.abc import Iterable, Set
from pathlib import Path

import numpy as np

from personalize_server.columns import Column, Part, PartWriter
from personalize_server.failures import JobFailed

_CHUNK = 100_000
_COLUMN = "USER_ID"


def users_of(files: Iterable[Iterable[bytes]]) -> set[str]:
    """The ids in CSV files of one column, USER_ID."""
    users: set[str] = set()
    for blocks in files:
        lines = b"".join(blocks).decode("utf-8-sig").splitlines()
        if not lines or lines[0].strip() != _COLUMN:
            raise JobFailed(f"Input CSV is missing the following columns:[{_COLUMN}].")
        users.update(line.strip() for line in lines[1:] if line.strip())
    return users


def without_users(folder: Path, users: Set[str], target: Path) -> int:
    """Writes the part again without the users' rows, if it has any; the number of rows left out."""
    part = Part(folder)
    if part.columns.get(_COLUMN) != "coded":
        return 0
    gone = [code for code, user in enumerate(part.vocabulary(_COLUMN)) if user in users]
    keep = ~np.isin(np.asarray(part.numbers(_COLUMN)), gone)
    if keep.all():
        return 0
    texts = {name: part.texts(name) for name, storage in part.columns.items() if storage in ("coded", "text")}
    writer = PartWriter(target, [Column(name, storage) for name, storage in part.columns.items()])
    kept = np.flatnonzero(keep)
    for start in range(0, max(len(kept), 1), _CHUNK):
        rows = kept[start : start + _CHUNK]
        values = {
            name: [texts[name][row] for row in rows.tolist()]
            if name in texts
            else np.asarray(part.numbers(name))[rows]
            for name in part.columns
        }
        writer.append(values, len(rows))
    writer.close()
    return int((~keep).sum())
