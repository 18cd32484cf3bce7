"""The data of a dataset group in the order it came: imported parts and what was put record by record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personalize_server.data.avro_schema import parse_schema
from personalize_server.data.metadata_puts import last_put
from personalize_server.data.put_records import write_part
from personalize_server.state.store import Store


@dataclass(frozen=True)
class Sources:
    """The folders of a group's datasets, oldest part first."""

    interactions: Sequence[Path]
    items: Sequence[Path]
    users: Sequence[Path]
    until: Mapping[str, int]
    """of items and users: the newest record put one by one that is surely in a part"""


def sources_of(plan: Mapping[str, Any], scratch: Path) -> Sources:
    """All data of the plan's dataset group; what was put one by one is written below `scratch`."""
    state_file = Path(plan["state_file"])
    store = Store(state_file, read_only=True)
    try:
        until = {name: last_put(store, plan[name]["arn"]) for name in ("items", "users") if plan[name]}
    finally:
        store.close()

    def parts(dataset: str) -> list[Path]:
        return parts_of(plan[dataset], state_file, scratch / dataset)

    return Sources(parts("interactions"), parts("items"), parts("users"), until)


def parts_of(dataset: Mapping[str, Any] | None, state_file: Path, folder: Path) -> list[Path]:
    """A dataset's imported parts and, between and after them as they came, what was put record by record."""
    if dataset is None:
        return []
    fields, found, after = parse_schema(dataset["schema"]), [], 0
    for number, until in enumerate([*dataset["put_before"], None]):
        put = folder / str(number)
        wanted = until is None or until > after
        if wanted and write_part(state_file, dataset["arn"], fields, put, after=after, until=until):
            found.append(put)
        if until is not None:
            found.append(Path(dataset["parts"][number]))
            after = max(after, until)
    return found
