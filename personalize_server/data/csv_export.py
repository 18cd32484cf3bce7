"""Dataset parts as CSV in Personalize's dialect, so that an export can be imported again."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from personalize_server.data.avro_schema import Field
from personalize_server.data.columns import Part
from personalize_server.data.numbers import spelled

_CHUNK = 50_000


def export_csv(folders: Iterable[Path], fields: Sequence[Field], target: Path) -> int:
    """The number of records written."""
    rows = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(field.name for field in fields) + "\n")
        for folder in folders:
            part = Part(folder)
            columns = [_cells(part, field) for field in fields]
            for lines in _chunks(zip(*columns, strict=True)):
                file.write("".join(lines))
            rows += part.rows
    return rows


def _cells(part: Part, field: Field) -> Iterable[str]:
    storage = part.columns.get(field.name)
    if storage is None:
        return [""] * part.rows
    if storage == "coded":
        words = [*map(_quoted, part.vocabulary(field.name)), ""]
        return (words[code] for code in part.numbers(field.name).tolist())
    if storage == "text":
        return map(_quoted, part.texts(field.name))
    return map(spelled, np.asarray(part.numbers(field.name)).tolist())


def _quoted(cell: str) -> str:
    if '"' not in cell and "," not in cell:
        return cell
    escaped = cell.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _chunks(rows: Iterable[tuple[str, ...]]) -> Iterator[list[str]]:
    lines: list[str] = []
    for row in rows:
        lines.append(",".join(row) + "\n")
        if len(lines) == _CHUNK:
            yield lines
            lines = []
    yield lines
