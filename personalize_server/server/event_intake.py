"""PutEvents: checked on the event loop by what was looked up before, then written by the event log."""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from personalize_server.data.avro_schema import Field
from personalize_server.facts.errors import InvalidInput
from personalize_server.facts.options import Options
from personalize_server.operations.tracking import dataset_fields, event_record, tracked_dataset
from personalize_server.state.context import Answer, Caller, Context, Request, no_wake
from personalize_server.state.event_log import Entry, EventLog
from personalize_server.state.store import Store

_FRESH_SECONDS = 1.0
_REMEMBERED = 1000


@dataclass(frozen=True)
class _Tracked:
    dataset: str
    fields: Sequence[Field]
    revision: int
    until: float


class EventIntake:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._store = Store(options.state_file, read_only=True)
        self._log = EventLog(options.state_file)
        self._tracked: dict[tuple[Caller, str], _Tracked] = {}

    def close(self) -> None:
        self._log.close()
        self._store.close()

    async def put_events(self, caller: Caller, request: Request) -> Answer:
        """Stores the events before it answers.

        Raises: InvalidInput, also if the dataset has been deleted meanwhile.
        """
        tracked = self._of(caller, request["trackingId"])
        user, session = request.get("userId"), request["sessionId"]
        fields, now = tracked.fields, time.time()
        records = [event_record(event, user, session, fields, now) for event in request["eventList"]]
        try:
            await self._log.write(Entry(tracked.dataset, records, session, user))
        except sqlite3.IntegrityError:
            raise InvalidInput("The event tracker's dataset has been deleted.") from None
        return {}

    def _of(self, caller: Caller, tracking_id: str) -> _Tracked:
        key, revision = (caller, tracking_id), self._store.revision()
        known = self._tracked.get(key)
        if known is not None and known.revision == revision and time.monotonic() < known.until:
            return known
        context = Context(caller, self._store, self._options, self._store.now(), no_wake)
        dataset = tracked_dataset(context, tracking_id)
        found = _Tracked(
            dataset.arn, dataset_fields(context, dataset), revision, time.monotonic() + _FRESH_SECONDS
        )
        if len(self._tracked) >= _REMEMBERED:
            self._tracked.clear()
        self._tracked[key] = found
        return found
