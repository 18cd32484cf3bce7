"""From CSV files in S3 to a dataset part on disk, checked on the way; memory does not grow with rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from personalize_server.data.avro_schema import Field
from personalize_server.data.cells import CellError, judged, storage_of
from personalize_server.data.columns import Column, PartWriter
from personalize_server.data.csv_rows import columns_of, header_of, lines_of
from personalize_server.facts.failures import JobFailed


@dataclass(frozen=True)
class Imported:
    rows: int
    distinct: dict[str, int]
    """values in each column of repeating strings"""


def import_files(
    files: Iterable[tuple[str, Iterable[bytes]]],
    fields: Sequence[Field],
    folder: Path,
    *,
    now: float,
    least_rows: int = 1,
    progress: Callable[[int], None] = lambda rows: None,
) -> Imported:
    """Reads files of (name, bytes) one after the other into a new part at `folder`.

    `now`, epoch seconds, is what times must not be far ahead of.
    Raises: JobFailed, for a file that does not fit, or too few records.
    """
    columns = [Column(field.name, storage_of(field)) for field in fields]
    writer = PartWriter(folder, columns)
    for name, blocks in files:
        try:
            for rows in _append(writer, fields, lines_of(blocks), now):
                progress(rows)
        except JobFailed as problem:
            writer.abandon()
            raise JobFailed(f"{problem} (in {name})") from None
    if writer.rows < max(least_rows, 1):
        writer.abandon()
        raise JobFailed(
            f"The input CSV has {writer.rows} records, fewer than the minimum of {max(least_rows, 1)}."
        )
    writer.close()
    coded = [column.name for column in columns if column.storage == "coded"]
    return Imported(writer.rows, {name: writer.distinct(name) for name in coded})


def _append(
    writer: PartWriter, fields: Sequence[Field], blocks: Iterable[bytes], now: float
) -> Iterable[int]:
    header: list[str] | None = None
    line = 1
    for block in blocks:
        body = block
        if header is None:
            first, _, body = block.partition(b"\n")
            header = _checked_header(header_of(first), fields)
            line = 2
        columns, lines = columns_of(body, len(header), line) if body else ([[] for _ in header], ())
        cells = dict(zip(header, columns, strict=True))
        try:
            values = {field.name: judged(field, cells[field.name], now) for field in fields}
        except CellError as problem:
            raise JobFailed(problem.of_line(lines[problem.row])) from None
        writer.append(values, len(lines))
        line += body.count(b"\n")
        yield writer.rows
    if header is None:
        raise JobFailed("The input CSV is empty.")


def _checked_header(names: list[str], fields: Sequence[Field]) -> list[str]:
    """Columns that the schema does not have are ignored, whatever they are called and hold."""
    wanted = [field.name for field in fields]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise JobFailed(f"Input CSV is missing the following columns:[{', '.join(missing)}].")
    if any(names.count(name) > 1 for name in wanted):
        raise JobFailed("Input CSV has a column name more than once.")
    return names
