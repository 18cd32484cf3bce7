"""The restored table compared with the one that is there, page by page, and what is missing put back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from operations.restoring.counting import Hour, Hours, hour_of
from operations.restoring.kinds import COUNTED_EVENTS, Item, Kind, Way, kind_of, shown
from operations.restoring.mending import mended
from operations.restoring.reading import UNKNOWN, counted, key_of, pages, there
from operations.restoring.writing import PUT, THERE, Writer

MOST_SHOWN = 1_000
"""Keys of items that are told, of each kind and sort."""
_WRITERS = 16
_SAY_EVERY = 20_000


@dataclass(frozen=True, kw_only=True)
class Task:
    """table, beside: names. writes: whether anything is put back. mends: whether items that are there, and
    less than they were, are mended. only: names of kinds; empty: all. left_out: users whose items stay away.
    now: epoch seconds; what has expired by then stays away too.
    """

    table: str
    beside: str
    kinds: Sequence[Kind]
    writes: bool
    mends: bool
    only: Collection[str] = ()
    left_out: Collection[str] = ()
    now: float


@dataclass
class Found:
    """Of a kind. then, now: how many there were and are. missing: of the kind's that are to be put back.
    less: those of the changed ones that could be mended. left: why what is missing stays away.
    """

    then: int = 0
    now: int = 0
    equal: int = 0
    missing: int = 0
    changed: int = 0
    less: int = 0
    put_back: int = 0
    mended: int = 0
    left: Counter[str] = field(default_factory=Counter)
    keys_missing: list[str] = field(default_factory=list)
    keys_changed: list[str] = field(default_factory=list)

    def open(self) -> int:
        """Items of record that were there, are not, and could be."""
        return self.missing - self.put_back - sum(self.left.values())


@dataclass(frozen=True)
class Restoring:
    """client: of DynamoDB, for several threads."""

    client: Any
    task: Task
    say: Callable[[str], None] = print

    def run(self) -> dict[str, Found]:
        """By the kind's name, also of items of no known kind. Raises: TableBusy, ClientError."""
        task = self.task
        found = {kind.name: Found() for kind in task.kinds} | {UNKNOWN: Found()}
        for name, number in counted(self.client, task.table, task.kinds).items():
            found[name].now = number
        # Owners, current versions and counters depend on what is put back before them.
        later: list[tuple[Item, Kind]] = []
        hours: dict[tuple[str, str], Hour] = {}
        read = 0
        with ThreadPoolExecutor(_WRITERS) as pool:
            for page in pages(self.client, task.beside):
                for item, kind, outcome in pool.map(self._of_item, *self._missing(page, found, hours)):
                    if outcome is None:
                        later.append((item, kind))
                    else:
                        _note(found[kind.name], outcome)
                if read // _SAY_EVERY < (read + len(page)) // _SAY_EVERY:
                    self.say(f"  {read + len(page):,} items compared")
                read += len(page)
            for item, kind in later:
                _note(found[kind.name], Writer(self.client, task.table).put_back(item, kind))
            claims = found.get(COUNTED_EVENTS, Found())
            counting = Hours(self.client, task.table, task.beside, claims.changed + claims.left[THERE])
            told = zip(hours.values(), pool.map(counting.restore, hours.values()), strict=True)
            for hour, (back, raised) in told:
                for outcome in back:
                    _note(found[hour.kind], outcome)
                found[hour.kind].mended += raised.count(PUT)
        return {name: each for name, each in found.items() if each.then or each.now}

    def _missing(
        self, page: Sequence[Item], found: dict[str, Found], hours: dict[tuple[str, str], Hour]
    ) -> tuple[Sequence[Item], Sequence[Kind]]:
        """Items of the page that are to be put back; all others are counted. Counters go to their hours."""
        wanted: list[tuple[Item, Kind]] = []
        for item in page:
            kind = kind_of(item, self.task.kinds)
            found[kind.name if kind else UNKNOWN].then += 1
            if kind is not None and kind.way is not Way.NEVER:
                wanted.append((item, kind))
        current = there(self.client, self.task.table, [item for item, _ in wanted])
        missing = []
        for item, kind in wanted:
            now, of = current.get(key_of(item)), found[kind.name]
            if now is None:
                of.missing += 1
                _add(of.keys_missing, item)
                if why := self._stays_away(item, kind):
                    of.left[why] += 1
                elif self.task.writes and kind.way is Way.COUNTER:
                    hours.setdefault(hour_of(item), Hour(kind.name)).missing.append(item)
                elif self.task.writes:
                    missing.append((item, kind))
            elif now == item:
                of.equal += 1
            elif self._changed(item, now, kind, of):
                hours.setdefault(hour_of(item), Hour(kind.name)).less.append(item)
        return [item for item, _ in missing], [kind for _, kind in missing]

    def _stays_away(self, item: Item, kind: Kind) -> str:
        expires = item.get("expires", {}).get("N")
        if expires is not None and float(expires) <= self.task.now:
            return "expired since"
        if self.task.only and kind.name not in self.task.only:
            return "not asked for"
        if kind.whose(item) in self.task.left_out and self.task.left_out:
            return "of a user who is left out"
        return ""

    def _changed(self, item: Item, now: Item, kind: Kind, of: Found) -> bool:
        """Whether it is a counter that is yet to be mended."""
        of.changed += 1
        _add(of.keys_changed, item)
        whole = mended(kind.mended, item, now)
        if whole is None:
            return False
        of.less += 1
        if not (self.task.writes and self.task.mends) or self._stays_away(item, kind):
            return False
        if kind.way is Way.COUNTER:
            return True
        if Writer(self.client, self.task.table).mend(now, whole) == PUT:
            of.mended += 1
        return False

    def _of_item(self, item: Item, kind: Kind) -> tuple[Item, Kind, str | None]:
        """None: it waits for all others."""
        if kind.way in (Way.OWNER, Way.CURRENT):
            return item, kind, None
        return item, kind, Writer(self.client, self.task.table).put_back(item, kind)


def _note(of: Found, outcome: str) -> None:
    if outcome == PUT:
        of.put_back += 1
    else:
        of.left[outcome] += 1


def _add(keys: list[str], item: Item) -> None:
    if len(keys) < MOST_SHOWN:
        keys.append(shown(item))
