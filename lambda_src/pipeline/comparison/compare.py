"""Compares the variants of a run, each with the first, and keeps what was found in S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from pipeline.comparison import history, lists, page, shown, stored
from pipeline.comparison.history import History, Window
from pipeline.comparison.lists import Index, Lists
from pipeline.comparison.measuring import Afterwards, Measured
from pipeline.comparison.outcomes import outcomes, without
from pipeline.comparison.request import Comparing, Listed
from pipeline.errors import InvalidInput, ShardIncomplete
from pipeline.storage import Bucket
from pipeline.times import run_time

_DAY = timedelta(days=1)


def compare_variants(bucket: Bucket, comparing: Comparing, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Writes, and answers, a comparison of each other variant with the first.

    Raises: InvalidInput, unless two different variants are named; ShardIncomplete, if lists are torn or gone;
    StorageFailed.
    """
    names = [listed.variant for listed in comparing.variants]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InvalidInput(f"variants must name two different ones at least, not {names}")
    first, *others = comparing.variants
    return [_compared(bucket, comparing, first, other, rng) for other in others]


def _compared(
    bucket: Bucket, comparing: Comparing, one: Listed, other: Listed, rng: np.random.Generator
) -> dict[str, Any]:
    people, items = Index(), Index()
    first, second = (
        lists.read(bucket, listed, people, items, limit=comparing.limit) for listed in (one, other)
    )
    earlier = _earlier(bucket, comparing, one.variant, other.variant)
    known = history.read(
        bucket,
        comparing.datasets,
        people,
        items,
        window=earlier.window if earlier else None,
        of_items=first.of_items,
    )
    reason: str | None = "there are no lists of an earlier day yet"
    afterwards = None
    if first.of_items:
        reason = "lists belong to items, and nobody has them"
    elif earlier:
        try:
            afterwards, reason = _afterwards(bucket, comparing, earlier, known, people, items), None
        except ShardIncomplete as error:
            reason = f"the lists of {earlier.run} are not there any more: {error}"
    measured = Measured(
        comparing=comparing,
        first=first.padded(len(people)),
        second=second.padded(len(people)),
        history=known.padded(len(people), len(items)),
        afterwards=afterwards,
        reason=reason,
    )
    comparison = measured.as_json(rng)
    place = comparing.use_case, comparing.run, one.variant, other.variant
    bucket.write(stored.key(*place, stored.HTML), page.page(comparison).encode(), "text/html; charset=utf-8")
    bucket.write_json(stored.key(*place), comparison)
    return comparison


@dataclass(frozen=True)
class _Earlier:
    """A run whose lists people had for a whole day, and where these lie."""

    run: str
    sources: tuple[Listed, Listed]

    @property
    def day(self) -> datetime:
        """Midnight (UTC) after the run began."""
        return run_time(self.run).replace(hour=0, minute=0, second=0, microsecond=0) + _DAY

    @property
    def window(self) -> Window:
        return Window(run_time(self.run).timestamp(), self.day.timestamp(), (self.day + _DAY).timestamp())

    @property
    def days(self) -> tuple[str, str]:
        return (self.day - _DAY).date().isoformat(), self.day.date().isoformat()


def _earlier(bucket: Bucket, comparing: Comparing, first: str, second: str) -> _Earlier | None:
    """The newest run of both of which a whole day is over: it began the day before yesterday, or earlier."""
    yesterday = run_time(comparing.run).astimezone(UTC) - _DAY
    found = stored.newest(bucket, comparing.use_case, first, second, before=yesterday.strftime("%Y%m%d"))
    if found is None:
        return None
    one, other = (_listed(source) for source in found["sources"])
    return _Earlier(str(found["run"]), (one, other))


def _listed(source: Mapping[str, Any]) -> Listed:
    return Listed(
        variant=source["variant"], shards_key=source["shardsKey"], output_folder=source.get("outputFolder")
    )


def _afterwards(
    bucket: Bucket, comparing: Comparing, earlier: _Earlier, known: History, people: Index, items: Index
) -> Afterwards:
    """Of the day: what is in the interactions or was tracked, without what a list had to do with.

    Raises: ShardIncomplete, if the lists are gone; StorageFailed.
    """
    seen = shown.read(bucket, comparing.use_case, earlier.days, people, items)
    organic = without(np.unique(np.concatenate([known.on_the_day, seen.by_themselves]), axis=0), seen.touched)
    watched = {int(person) for pairs in (known.lately, organic, seen.acted) for person in pairs[:, 0]}
    first, second = _read_both(bucket, comparing, earlier, people, items, watched)
    return Afterwards(
        run=earlier.run,
        day=earlier.days[1],
        organic=outcomes(first, second, organic, len(items)),
        from_lists=outcomes(first, second, seen.acted, len(items)),
        all=outcomes(first, second, known.lately, len(items)),
    )


def _read_both(
    bucket: Bucket, comparing: Comparing, earlier: _Earlier, people: Index, items: Index, watched: set[int]
) -> Iterator[Lists]:
    for source in earlier.sources:
        yield lists.read(bucket, source, people, items, limit=comparing.limit, watched=watched)
