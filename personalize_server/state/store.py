"""Everything acknowledged, in one SQLite file: resources, their links and tags."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any

from personalize_server.disk.commit_count import CommitCount
from personalize_server.state.clock import Moment, SteadyClock
from personalize_server.state.connections import WriteTurn, open_reader, open_writer
from personalize_server.state.migrations import migrate


@dataclass(frozen=True, kw_only=True)
class Record:
    """One resource. `body` holds members of the API, `own` what only the server needs to know."""

    arn: str
    kind: str
    account: str
    region: str
    name: str
    body: Mapping[str, Any]
    created: float
    updated: float
    own: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    """ARNs of what it hangs on, by the member that names them"""
    phase: str = "create"
    """create, delete, stop, start"""
    phase_since: float = 0.0
    work: str | None = None
    """state of its background job: queued, running, stopping, done, failed, stopped; None: it has none"""
    failure: str | None = None
    seq: int = 0

    def changed(self, now: float, **changes: Any) -> "Record":
        return replace(self, updated=now, **changes)


_KEEP_TIME_SECONDS = 60.0

_COLUMNS = (
    *("arn", "kind", "account", "region", "name", "body", "own", "created", "updated"),
    *("phase", "phase_since", "work", "failure"),
)

_RECORDS = """
    SELECT r.*, (SELECT json_group_object(member, target) FROM links l WHERE l.arn = r.arn) AS links
    FROM resources r
"""
_OF_USER = "dataset = ?1 AND subject = ?2 AND whole AND dataset GLOB '*/INTERACTIONS'"
"""what put_records_by_type is searched by"""
_NEWEST_BY_TYPE = f"""
    WITH RECURSIVE types (event_type) AS (
        SELECT * FROM (SELECT event_type FROM put_records WHERE {_OF_USER} ORDER BY event_type LIMIT 1)
        UNION ALL
        SELECT (
            SELECT put_records.event_type FROM put_records
            WHERE {_OF_USER} AND put_records.event_type > types.event_type
            ORDER BY put_records.event_type LIMIT 1
        ) FROM types WHERE types.event_type IS NOT NULL
    )
    SELECT cells FROM types JOIN put_records ON seq IN (
        SELECT seq FROM put_records WHERE {_OF_USER} AND put_records.event_type = types.event_type
        ORDER BY seq DESC LIMIT ?3
    )
"""


class Store:
    """One connection behind a lock; every change is on disk when its transaction ends.

    Several processes may have a store each on the same file.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._kept = 0.0
        self._db = open_reader(path) if read_only else open_writer(path)
        self._turn = None if read_only else WriteTurn(path)
        self._count: CommitCount | None = None
        self._commits: int | None = None  # with the transaction that is under way, if it has changed anything
        self._db.row_factory = sqlite3.Row
        if self._turn:
            try:
                with self._turn:
                    migrate(self._db)
                self._count = CommitCount(path)
            except BaseException:
                self.close()
                raise
        [moment] = self._db.execute("SELECT wall, monotonic, boot FROM clock")
        self._clock = SteadyClock(Moment(*moment))

    def now(self) -> float:
        """Seconds since 1970, of a clock that never goes back."""
        return self._clock.now()

    def open_folder(self) -> tuple[str, int]:
        """Identity of this state, and how often it has been opened to serve from, this time included. The
        file says it without its log too, if nobody is reading it.
        """
        self.execute("UPDATE folder SET opened = opened + 1, closed = 0")
        [(identity, opened)] = self.query("SELECT identity, opened FROM folder")
        self.query("PRAGMA wal_checkpoint(PASSIVE)")
        return identity, opened

    def close_folder(self) -> None:
        """The last that a server writes: a state without it is older, or lacks its log."""
        self.execute("UPDATE folder SET closed = 1")

    def forget_pages(self) -> None:
        """What has been deleted leaves the write-ahead log, too, as far as nobody reads there just now."""
        with self._lock:
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock:
            self._db.close()
            for held in (self._turn, self._count):
                if held:
                    held.close()

    def revision(self) -> int:
        """Counts changes of resources, for those who remember something about them."""
        return int(self._db.execute("SELECT value FROM revision").fetchone()[0])

    def newest_cells(self, dataset: str, subject: str, count: int) -> list[Mapping[str, str]]:
        """The subject's newest put records, oldest of them first."""
        sql = "SELECT cells FROM put_records WHERE dataset = ? AND subject = ? ORDER BY seq DESC LIMIT ?"
        found = self._db.execute(sql, (dataset, subject, count)).fetchall()
        return [json.loads(row[0]) for row in reversed(found)]

    def newest_cells_by_type(self, dataset: str, subject: str, count: int) -> list[Mapping[str, str]]:
        """So many of the user's newest put events that have an item, of every event type; in no order."""
        return [json.loads(row[0]) for row in self._db.execute(_NEWEST_BY_TYPE, (dataset, subject, count))]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested, the outermost one decides."""
        with self._lock:
            if self._depth:
                yield
                return
            with self._turn or nullcontext():
                self._db.execute("BEGIN IMMEDIATE")
                self._depth += 1
                before = self._db.total_changes
                try:
                    yield
                    self._keep_time(changed=self._db.total_changes > before)
                except BaseException:
                    self._db.execute("ROLLBACK")
                    raise
                else:
                    self._db.execute("COMMIT")
                    if self._count and self._commits is not None:
                        self._count.note(self._commits)
                finally:
                    self._depth -= 1

    def _keep_time(self, *, changed: bool) -> None:
        """With what has changed, else now and then."""
        moment = self._clock.moment()
        self._commits = None
        if changed or moment.wall - self._kept >= _KEEP_TIME_SECONDS:
            sql = "UPDATE clock SET wall = ?, monotonic = ?, boot = ?, commits = commits + 1"
            self._db.execute(sql, astuple(moment))
            [(self._commits,)] = self._db.execute("SELECT commits FROM clock")
            self._kept = moment.wall

    def query(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        """All rows found; called in this room alone, as `execute` is."""
        with self._lock:
            return self._db.execute(sql, parameters).fetchall()

    def execute(self, sql: str, *parameters: Any) -> int:
        """The number of rows touched."""
        with self.transaction():
            return self._db.execute(sql, parameters).rowcount

    def get(self, arn: str) -> Record | None:
        found = self._records("WHERE r.arn = ?", arn)
        return found[0] if found else None

    def of_kind(
        self, kind: str, account: str, region: str, *, after: int = -1, limit: int = -1
    ) -> list[Record]:
        """Oldest first; at most `limit` of those with a higher number than `after`, -1: all."""
        where = "WHERE r.kind = ? AND r.account = ? AND r.region = ? AND r.seq > ? ORDER BY r.seq LIMIT ?"
        return self._records(where, kind, account, region, after, limit)

    def count(self, kind: str, account: str, region: str) -> int:
        """Those on their way out, too; takes as long whatever there is."""
        sql = "SELECT number FROM counted WHERE kind = ? AND account = ? AND region = ?"
        found = self.query(sql, kind, account, region)
        return int(found[0][0]) if found else 0

    def lately(self, kind: str, account: str, region: str, since: float) -> list[Record]:
        """Those that work is done for, or whose phase began later than this."""
        whose = "r.kind = ? AND r.account = ? AND r.region = ?"
        working = "r.work IN ('queued', 'running', 'stopping')"
        found = self._records(f"WHERE {whose} AND r.phase_since > ?", kind, account, region, since)
        found += self._records(f"WHERE {whose} AND {working}", kind, account, region)
        return sorted({record.arn: record for record in found}.values(), key=lambda record: record.seq)

    def tracked(self, kind: str, tracking_id: str) -> list[Record]:
        """Those of this kind, EventTracker or Dataset, that have this tracking id."""
        where = "r.kind IN ('EventTracker', 'Dataset') AND json_extract(r.body, '$.trackingId') = ?"
        return self._records(f"WHERE {where} AND r.kind = ? ORDER BY r.seq", tracking_id, kind)

    def with_work(self, *states: str) -> list[Record]:
        """Oldest first."""
        marks = ", ".join("?" * len(states))
        return self._records(f"WHERE r.work IN ({marks}) ORDER BY r.seq", *states)

    def jobs(self) -> list[tuple[str, str, int]]:
        """Kind, state and number of all background jobs."""
        sql = "SELECT kind, work, count(*) FROM resources WHERE work IS NOT NULL GROUP BY kind, work"
        return [(row[0], row[1], row[2]) for row in self.query(f"{sql} ORDER BY kind, work")]

    def leaving(self) -> list[Record]:
        """Those on their way out."""
        return self._records("WHERE r.phase = 'delete' ORDER BY r.seq")

    def everything(self, kind: str) -> list[Record]:
        return self._records("WHERE r.kind = ? ORDER BY r.seq", kind)

    def linked(
        self,
        target: str,
        *,
        kind: str | None = None,
        member: str | None = None,
        after: int = -1,
        limit: int = -1,
        newest: bool = False,
    ) -> list[Record]:
        """What hangs on this ARN, oldest or newest first; `after` and `limit` as of `of_kind`."""
        # Where a column has a plus, no index of it is used: links are fewer than resources of a kind.
        where = "WHERE +r.seq > ? AND r.arn IN (SELECT arn FROM links WHERE target = ? AND (? OR member = ?))"
        if kind is not None:
            where += " AND +r.kind = ?"
        parameters = (after, target, member is None, member, *([kind] if kind is not None else []), limit)
        return self._records(f"{where} ORDER BY +r.seq {'DESC' if newest else 'ASC'} LIMIT ?", *parameters)

    def insert(self, record: Record) -> None:
        marks = ", ".join("?" * len(_COLUMNS))
        with self.transaction():
            self.execute(f"INSERT INTO resources ({', '.join(_COLUMNS)}) VALUES ({marks})", *_values(record))
            self._link(record)

    def update(self, record: Record) -> None:
        settings = ", ".join(f"{column} = ?" for column in _COLUMNS)
        with self.transaction():
            self.execute(f"UPDATE resources SET {settings} WHERE arn = ?", *_values(record), record.arn)
            self.execute("DELETE FROM links WHERE arn = ?", record.arn)
            self._link(record)

    def remove(self, arn: str) -> None:
        """With its links, tags and records."""
        self.execute("DELETE FROM resources WHERE arn = ?", arn)

    def tags(self, arn: str) -> dict[str, str]:
        return {row["key"]: row["value"] for row in self.query("SELECT * FROM tags WHERE arn = ?", arn)}

    def set_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        with self.transaction():
            self.execute("DELETE FROM tags WHERE arn = ?", arn)
            for key, value in tags.items():
                self.execute("INSERT INTO tags (arn, key, value) VALUES (?, ?, ?)", arn, key, value)

    def _link(self, record: Record) -> None:
        for member, target in record.links.items():
            self.execute(
                "INSERT INTO links (arn, member, target) VALUES (?, ?, ?)", record.arn, member, target
            )

    def _records(self, where: str, *parameters: Any) -> list[Record]:
        return [_record(row) for row in self.query(f"{_RECORDS} {where}", *parameters)]


def _record(row: sqlite3.Row) -> Record:
    values = {column: row[column] for column in _COLUMNS}
    for column in ("body", "own"):
        values[column] = json.loads(row[column])
    return Record(**values, seq=row["seq"], links=json.loads(row["links"]))


def _values(record: Record) -> tuple[Any, ...]:
    values = {column: getattr(record, column) for column in _COLUMNS}
    values["body"] = json.dumps(record.body)
    values["own"] = json.dumps(record.own)
    return tuple(values.values())
