"""How a job comes to count: what every kind of job does in the transaction that ends it."""

from pathlib import Path
from typing import Any

from personalize_server.disk.syncing import move_synced
from personalize_server.facts.plain_values import as_plain
from personalize_server.state.store import Record, Store


def end_with(store: Store, record: Record, result: Any) -> None:
    """Remembers the result, a dataclass or a mapping, with the job."""
    own = {**record.own, "result": as_plain(result)}
    store.update(record.changed(store.now(), work="done", own=own))


def keep(scratch: Path, place: Path) -> None:
    """Moves what the job has written to where it stays."""
    move_synced(scratch, place)
