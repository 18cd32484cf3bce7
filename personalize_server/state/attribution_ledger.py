"""What the state file knows of a metric attribution: how far it has counted, and what is to be published."""

from collections.abc import Iterable
from typing import Any

from personalize_server.state.store import Store

Total = tuple[str, str, str, float]
"""metric, event type, source, and the value over all windows"""


class Ledger:
    """Of one metric attribution, by its ARN."""

    def __init__(self, store: Store, attribution: str) -> None:
        self._store = store
        self._attribution = attribution

    @property
    def counted(self) -> int:
        """The number of the newest put record that has been counted."""
        return int(self._one("SELECT counted FROM attribution_progress WHERE attribution = ?"))

    @property
    def reported(self) -> float:
        """When events were last counted, in seconds since 1970."""
        return float(self._one("SELECT reported FROM attribution_progress WHERE attribution = ?"))

    @property
    def problem(self) -> str | None:
        """Why reports could not be published; None: they could, or the attribution has gone meanwhile."""
        sql = "SELECT problem FROM attribution_progress WHERE attribution = ?"
        found: str | None = next((row[0] for row in self._store.query(sql, self._attribution)), None)
        return found

    @property
    def sources(self) -> set[str]:
        """Those that have been reported on."""
        sql = "SELECT DISTINCT source FROM attribution_totals WHERE attribution = ?"
        return {row[0] for row in self._store.query(sql, self._attribution)}

    def begin(self, counted: int, now: float) -> None:
        """For a new attribution, which does not look back."""
        sql = "INSERT INTO attribution_progress VALUES (?, ?, ?, NULL)"
        self._store.execute(sql, self._attribution, counted, now)

    def move_on(self, before: int, counted: int, now: float) -> bool:
        """False: it is not at `before` any more."""
        sql = (
            "UPDATE attribution_progress SET counted = ?, reported = ? WHERE attribution = ? AND counted = ?"
        )
        return self._store.execute(sql, counted, now, self._attribution, before) == 1

    def add_totals(self, totals: Iterable[Total]) -> None:
        sql = (
            "INSERT INTO attribution_totals VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET value = value + excluded.value"
        )
        for total in totals:
            self._store.execute(sql, self._attribution, *total)

    def keep(self, name: str, content: str) -> None:
        """A report that is to be published."""
        sql = "INSERT OR REPLACE INTO attribution_reports VALUES (?, ?, ?)"
        self._store.execute(sql, self._attribution, name, content)

    def waiting(self) -> list[str]:
        """Names of reports that are to be published, oldest first."""
        sql = "SELECT name FROM attribution_reports WHERE attribution = ? ORDER BY rowid"
        return [row[0] for row in self._store.query(sql, self._attribution)]

    def content(self, name: str) -> str:
        sql = "SELECT content FROM attribution_reports WHERE attribution = ? AND name = ?"
        return str(self._store.query(sql, self._attribution, name)[0][0])

    def published(self, name: str) -> None:
        sql = "DELETE FROM attribution_reports WHERE attribution = ? AND name = ?"
        self._store.execute(sql, self._attribution, name)

    def fail(self, problem: str | None) -> None:
        """Says why reports could not be published, or that they could."""
        if problem != self.problem:
            sql = "UPDATE attribution_progress SET problem = ? WHERE attribution = ?"
            self._store.execute(sql, problem, self._attribution)

    def _one(self, sql: str) -> Any:
        return self._store.query(sql, self._attribution)[0][0]


def is_work_due(store: Store, began: float) -> bool:
    """Whether events wait that came before the period that `began` then, or reports to be published."""
    if store.query("SELECT 1 FROM attribution_reports LIMIT 1"):
        return True
    sql = (
        "SELECT 1 FROM attribution_progress WHERE reported < ? "
        "AND counted < (SELECT max(seq) FROM put_records) LIMIT 1"
    )
    return bool(store.query(sql, began))


def all_totals(store: Store) -> list[tuple[str, *Total]]:
    """Each with the ARN of its attribution."""
    sql = "SELECT * FROM attribution_totals ORDER BY attribution, metric, event_type, source"
    return [tuple(row) for row in store.query(sql)]
