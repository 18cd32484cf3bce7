"""The data of a dataset group in the order it came: imported parts and what was put record by record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from personalize_server.data.avro_schema import parse_schema
from personalize_server.data.dataset_contents import DatasetContent
from personalize_server.data.put_parts import write_part
from personalize_server.state.metadata_puts import last_put
from personalize_server.state.store import Store


@dataclass(frozen=True)
class Sources:
    """The folders of a group's datasets, oldest part first."""

    interactions: Sequence[Path]
    items: Sequence[Path]
    users: Sequence[Path]
    until: Mapping[str, int]
    """of items and users: the newest record put one by one that is surely in a part"""


def sources_of(
    interactions: DatasetContent | None,
    items: DatasetContent | None,
    users: DatasetContent | None,
    state_file: Path,
    scratch: Path,
) -> Sources:
    """All data of a dataset group; what was put one by one is written below `scratch`."""
    store = Store(state_file, read_only=True)
    try:
        metadata = {"items": items, "users": users}
        until = {name: last_put(store, content.arn) for name, content in metadata.items() if content}
    finally:
        store.close()
    return Sources(
        parts_of(interactions, state_file, scratch / "interactions"),
        parts_of(items, state_file, scratch / "items"),
        parts_of(users, state_file, scratch / "users"),
        until,
    )


def parts_of(content: DatasetContent | None, state_file: Path, folder: Path) -> list[Path]:
    """A dataset's imported parts and, between and after them as they came, what was put record by record."""
    if content is None:
        return []
    fields, after = parse_schema(content.schema), 0
    found: list[Path] = []
    for number, until in enumerate([*content.put_before, None]):
        put = folder / str(number)
        wanted = until is None or until > after
        if wanted and write_part(state_file, content.arn, fields, put, after=after, until=until):
            found.append(put)
        if until is not None:
            found.append(content.parts[number])
            after = max(after, until)
    return found
