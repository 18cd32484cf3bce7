"""Users taken out of dataset parts, ids and all."""

from collections.abc import Iterable, Iterator, Set
from pathlib import Path

import numpy as np

from personalize_server.data.columns import Column, Part, PartWriter
from personalize_server.data.csv_rows import columns_of, header_of, lines_of
from personalize_server.facts.failures import JobFailed

_CHUNK = 100_000
_COLUMN = "USER_ID"


def users_of(files: Iterable[tuple[str, Iterable[bytes]]]) -> set[str]:
    """The ids in CSV files, (name, bytes), of one column, USER_ID, each with and without blanks around it.

    Raises: JobFailed, if a file is not one in the dialect of imports.
    """
    users: set[str] = set()
    for name, blocks in files:
        try:
            for cells in _cells(lines_of(blocks)):
                users.update(cells, map(str.strip, cells))
        except JobFailed as problem:
            raise JobFailed(f"{problem} (in {name})") from None
    return users - {""}


def _cells(blocks: Iterable[bytes]) -> Iterator[list[str]]:
    line = 1
    for block in blocks:
        body = block
        if line == 1:
            first, _, body = block.partition(b"\n")
            _check_header(header_of(first))
            line = 2
        if body:
            [cells], _ = columns_of(body, 1, line)
            yield cells
        line += body.count(b"\n")
    if line == 1:
        raise JobFailed("The input CSV is empty.")


def _check_header(names: list[str]) -> None:
    if _COLUMN not in names:
        raise JobFailed(f"Input CSV is missing the following columns:[{_COLUMN}].")
    if names != [_COLUMN]:
        raise JobFailed(f"Input CSV has columns besides {_COLUMN}:[{', '.join(names)}].")


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
