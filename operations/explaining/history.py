"""What a run knew of a person: their rows of the datasets that were extracted for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.schema import DatasetType, UseCase
from pipeline import csv_rows, keys
from pipeline.errors import ObjectMissing
from pipeline.storage import Bucket

_USER, _ITEM, _TYPE, _TIME = "USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"


@dataclass(frozen=True)
class Event:
    """time: seconds since 1970. own: of a type whose items are never recommended to whoever has them."""

    item: str
    type: str
    time: int
    own: bool


@dataclass(frozen=True)
class History:
    """events: the newest first; None: the datasets of the run are not kept any more. about: the person's row
    of the dataset of users, by column; None: there is none.
    """

    run: str
    events: tuple[Event, ...] | None
    about: dict[str, str] | None = None

    @property
    def own_items(self) -> frozenset[str]:
        return frozenset(event.item for event in self.events or () if event.own)


def history(bucket: Bucket, case: UseCase, run: str, person: str) -> History:
    """Raises: StorageFailed, InvalidInput."""
    own = frozenset(case.own_items.event_types)
    names = [column.name for column in case.interactions.columns]
    wanted = [name for name in (_USER, _ITEM, _TIME, _TYPE) if name in names]
    try:
        rows = [
            dict(zip(wanted, row, strict=True))
            for row in csv_rows.rows(
                bucket, keys.dataset(case.name, run, DatasetType.INTERACTIONS.value), wanted
            )
            if row[0] == person
        ]
    except ObjectMissing:
        return History(run, None)
    events = (
        Event(row[_ITEM], type_ := row.get(_TYPE, ""), int(float(row[_TIME])), type_ in own) for row in rows
    )
    newest_first = sorted(events, key=lambda event: -event.time)
    return History(run, tuple(newest_first), next(_about(bucket, case, run, person), None))


def _about(bucket: Bucket, case: UseCase, run: str, person: str) -> Iterator[dict[str, Any]]:
    if case.users is None:
        return
    names = [column.name for column in case.users.columns]
    wanted = [_USER, *(name for name in names if name != _USER)]
    try:
        for row in csv_rows.rows(bucket, keys.dataset(case.name, run, DatasetType.USERS.value), wanted):
            if row[0] == person:
                yield dict(zip(wanted[1:], row[1:], strict=True))
    except ObjectMissing:
        return
