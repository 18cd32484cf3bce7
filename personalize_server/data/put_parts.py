"""Records that came one by one, laid out on disk as an import is."""

from collections.abc import Sequence
from pathlib import Path

from personalize_server.data.avro_schema import Field
from personalize_server.state.put_records import whole_cells

_CHUNK = 50_000


def write_part(
    state_file: Path,
    dataset: str,
    fields: Sequence[Field],
    folder: Path,
    *,
    after: int = 0,
    until: int | None = None,
) -> bool:
    """A dataset's records with these numbers, in order, as a part on disk; False: there are none."""
    from personalize_server.data.cells import kept, storage_of
    from personalize_server.data.columns import Column, PartWriter

    writer: PartWriter | None = None
    for rows in whole_cells(state_file, dataset, after=after, until=until, chunk=_CHUNK):
        if writer is None:
            writer = PartWriter(folder, [Column(field.name, storage_of(field)) for field in fields])
        cells = {field.name: [row.get(field.name, "") for row in rows] for field in fields}
        writer.append({field.name: kept(field, cells[field.name]) for field in fields}, len(rows))
    if writer is not None:
        writer.close()
    return writer is not None
