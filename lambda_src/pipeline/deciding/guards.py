"""Has the data changed more since the last good run than it may? Then the run is refused before it trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import keys
from pipeline.errors import DataChanged
from pipeline.storage import Bucket


@dataclass(frozen=True, kw_only=True)
class Change:
    """Shares of the last count: what may be lost, and what may come besides; None: any."""

    down: float | None = None
    up: float | None = None


@dataclass(frozen=True, kw_only=True)
class Guards:
    """rows: of each dataset. people, items: different ones in the interactions. event_type: rows of each.

    from_rows: smaller counts of the last good run are not compared. variants: of the use case, the newest
    good run of which is the last one.
    """

    from_rows: int
    variants: tuple[str, ...]
    rows: Change = Change()
    people: Change = Change()
    items: Change = Change()
    event_type: Change = Change()


@dataclass(frozen=True)
class _Count:
    what: str
    before: int
    now: int
    change: Change


def require(bucket: Bucket, guards: Guards, datasets: Sequence[Mapping[str, Any]], *, use_case: str) -> None:
    """datasets: as extract_dataset answers them.

    Raises: DataChanged, with the counts, if one has changed too much since the last good run.
    """
    records = (bucket.read_json(keys.last_good(use_case, name), newest=True) for name in guards.variants)
    last = max(filter(None, records), key=lambda record: str(record["generation"]), default=None)
    if last is None:
        return
    counts = _counts(guards, _by_name(last.get("datasets") or ()), _by_name(datasets))
    broken = [told for count in counts if (told := _broken(count, guards.from_rows))]
    if broken:
        raise DataChanged(
            f"the data has changed too much since run {last['generation']}: {'; '.join(broken)}. Nothing was "
            'imported. If that is right, start the workflow again with {"acceptData": true} in its input, or '
            "change checks.guards of the use case"
        )


def _by_name(datasets: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(one["dataset"]): one for one in datasets}


def _counts(
    guards: Guards, before: Mapping[str, Mapping[str, Any]], now: Mapping[str, Mapping[str, Any]]
) -> Iterator[_Count]:
    """What was counted both times; a type of event that is not there now has none."""
    for name in before.keys() & now.keys():
        yield _Count(f"rows of the {name}", int(before[name]["rows"]), int(now[name]["rows"]), guards.rows)
    old, new = before.get("interactions", {}), now.get("interactions", {})
    for what, member, change in (
        ("people with interactions", "users", guards.people),
        ("items with interactions", "items", guards.items),
    ):
        if old.get(member) is not None and new.get(member) is not None:
            yield _Count(what, int(old[member]), int(new[member]), change)
    if "eventTypes" in old and "eventTypes" in new:
        for name, rows in old["eventTypes"].items():
            there = int(new["eventTypes"].get(name, 0))
            yield _Count(f"rows of the event type {name!r}", int(rows), there, guards.event_type)


def _broken(count: _Count, least: int) -> str:
    """In words; empty, if nothing is broken."""
    if count.before < least:
        return ""
    by = (count.now - count.before) / count.before
    down, up = count.change.down, count.change.up
    if down is not None and by < -down:
        return (
            f"{count.now:,} {count.what} after {count.before:,}, {-by:.0%} fewer, and {down:.0%} may be lost"
        )
    if up is not None and by > up:
        return f"{count.now:,} {count.what} after {count.before:,}, {by:.0%} more, and {up:.0%} may come"
    return ""
