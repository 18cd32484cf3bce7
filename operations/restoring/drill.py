"""The drill: a stage's tables are restored beside as they were a moment ago, compared, and removed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from operations.restoring.beside import DRILL, Beside, RestoreFailed, Wanted, name_beside, removed, window_of
from operations.restoring.kinds import kinds_of
from operations.restoring.samples import MOST, Judged, Sample, judged, sample

BY = "recommendations-restore-drill"
_LONGEST_SECONDS = 1_800
"""That it waits for the moment to become restorable; usually 300."""


@dataclass(frozen=True)
class Looked:
    """At a table around the moment. every: one of so many items is in the samples."""

    table: str
    every: int
    before: Sample
    after: Sample
    at: datetime


@dataclass(frozen=True)
class Drilled:
    """ready_seconds: from asking for the restored table until it could be read. behind_seconds: how old the
    newest moment was that could be restored.
    """

    table: str
    at: datetime
    every: int
    ready_seconds: float
    compare_seconds: float
    behind_seconds: float
    kinds: dict[str, Judged] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not any(kind.wrong or kind.off for kind in self.kinds.values())


@dataclass(frozen=True)
class Drill:
    """client: of DynamoDB. clock: epoch seconds."""

    client: Any
    say: Callable[[str], None] = print
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    def run(self, tables: Sequence[str]) -> list[Drilled]:
        """Whatever happens, what was made is removed, or named. Raises: RestoreFailed, TableBusy."""
        for table in tables:
            self._remove(self._earlier(table))
        looked = [self._look(table) for table in tables]
        besides: list[Beside] = []
        try:
            begun = []
            for each in looked:
                behind = self._restorable(each)
                beside = self._beside(each)
                besides.append(beside)
                beside.begin()
                begun.append((each, beside, self.clock(), behind))
            return [self._compared(*one) for one in begun]
        finally:
            self._remove(beside.wanted.beside for beside in besides)

    def _look(self, table: str) -> Looked:
        described = self.client.describe_table(TableName=table)["Table"]
        every = 1 + int(described["ItemCount"]) // MOST
        kinds = kinds_of(table)
        before = sample(self.client, table, kinds, every)
        moment = int(self.clock()) + 1
        self.sleep(max(0.0, moment - self.clock()))
        after = sample(self.client, table, kinds, every)
        number = sum(before.numbers.values())
        self.say(f"{table}: {number:,} items" + (f", one of {every} compared" if every > 1 else ""))
        return Looked(table, every, before, after, datetime.fromtimestamp(moment, UTC))

    def _restorable(self, looked: Looked) -> float:
        """Waits until the moment can be restored; how many seconds the newest such moment lies behind."""
        waited, said = 0.0, False
        while True:
            window = window_of(self.client, looked.table)
            if window is None:
                raise RestoreFailed(f"{looked.table} has no point-in-time recovery")
            if window[1] >= looked.at:
                return self.clock() - window[1].timestamp()
            if waited > _LONGEST_SECONDS:
                raise RestoreFailed(
                    f"{looked.table} cannot be restored to {looked.at} after {waited:.0f} seconds"
                )
            if waited > 1 and not said:
                self.say(f"waiting until {looked.at:%H:%M:%S} can be restored, usually 5 minutes")
                said = True
            pause = 0.2 if waited < 1 else 10.0
            self.sleep(pause)
            waited += pause

    def _beside(self, looked: Looked) -> Beside:
        name = name_beside(looked.table, looked.at, DRILL)
        wanted = Wanted(table=looked.table, at=looked.at, beside=name, by=BY)
        return Beside(self.client, wanted, self.say, self.sleep)

    def _compared(self, looked: Looked, beside: Beside, begun: float, behind: float) -> Drilled:
        beside.wait(ours=True)
        ready = self.clock()
        restored = sample(self.client, beside.wanted.beside, kinds_of(looked.table), looked.every)
        return Drilled(
            table=looked.table,
            at=looked.at,
            every=looked.every,
            ready_seconds=ready - begun,
            compare_seconds=self.clock() - ready,
            behind_seconds=behind,
            kinds=judged(looked.before, looked.after, restored, looked.every),
        )

    def _earlier(self, table: str) -> Iterator[str]:
        """What an earlier drill has left."""
        beginning = f"{table}-{DRILL}-"
        for page in self.client.get_paginator("list_tables").paginate():
            yield from (name for name in page["TableNames"] if name.startswith(beginning))

    def _remove(self, tables: Iterator[str]) -> None:
        for table in list(tables):
            why = removed(self.client, table, BY)
            self.say(why or f"{table} is removed")


def lines_of(drilled: Sequence[Drilled]) -> Iterator[str]:
    for one in drilled:
        yield (
            f"{one.table} as of {one.at:%Y-%m-%dT%H:%M:%SZ}: restored in {one.ready_seconds:.1f} s, compared "
            f"in {one.compare_seconds:.1f} s; the newest moment there was to restore was "
            f"{one.behind_seconds:.1f} s old"
        )
        yield f"  {'':<24}{'before':>10}{'after':>10}{'restored':>10}{'compared':>10}{'moving':>10}"
        for name, kind in one.kinds.items():
            numbers = (kind.before, kind.after, kind.restored, kind.judged, kind.moved)
            yield f"  {name:<24}" + "".join(f"{number:>10,}" for number in numbers)
            if kind.off:
                yield "    WRONG: so many there were not"
            if kind.wrong:
                yield f"    WRONG: {len(kind.wrong):,} items, such as {', '.join(kind.wrong[:5])}"
