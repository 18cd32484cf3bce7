"""One page of a list: what was not shown yet, and the way to the next page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.serving.campaigns import Scored
from pipeline.serving.cursors import Cursor, fingerprint


@dataclass(frozen=True)
class Entry:
    """rank: place in the whole list, from 1. matched: a source ranked it; else only the catalogue has it."""

    item: Scored
    rank: int
    matched: bool


@dataclass(frozen=True)
class Page:
    entries: tuple[Entry, ...]
    next: Cursor | None


def page(
    ranked: Sequence[Scored],
    catalogue: Sequence[str] | None,
    cursor: Cursor,
    *,
    limit: int,
    without: Collection[str],
    longest: int | None,
) -> Page:
    """The next `limit` items: of the ranked ones, then of the catalogue, if there is one, in its order.

    without: ids that are left out of this page. longest: items of all pages together; None for all there are.
    """
    room = limit if longest is None else max(0, min(limit, longest - cursor.count))
    chosen: list[Scored] = []
    rest = False
    if cursor.catalogue is None:
        for item in _unshown(ranked, cursor.shown, without):
            if len(chosen) == room:
                rest = True
                break
            chosen.append(item)
    entries = [Entry(item, cursor.count + place, True) for place, item in enumerate(chosen, start=1)]
    after = replace(
        cursor,
        shown=cursor.shown | {fingerprint(item.id) for item in chosen},
        count=cursor.count + len(chosen),
    )
    if rest or catalogue is None:
        full = longest is not None and after.count >= longest
        return Page(tuple(entries), after if rest and not full else None)
    return _with_catalogue(entries, catalogue, after, room - len(chosen), without)


def _with_catalogue(
    entries: list[Entry], catalogue: Sequence[str], cursor: Cursor, room: int, without: Collection[str]
) -> Page:
    place = cursor.catalogue or 0
    while place < len(catalogue):
        id_ = catalogue[place]
        if id_ not in without and fingerprint(id_) not in cursor.shown:
            if not room:
                break
            room -= 1
            cursor = replace(cursor, count=cursor.count + 1)
            entries.append(Entry(Scored(id_, None), cursor.count, False))
        place += 1
    return Page(tuple(entries), replace(cursor, catalogue=place) if place < len(catalogue) else None)


def _unshown(ranked: Iterable[Scored], shown: frozenset[bytes], without: Collection[str]) -> Iterator[Scored]:
    """Each once; `shown` is empty on the first page, where most readers stop."""
    met: set[str] = set()
    for item in ranked:
        if item.id in met or item.id in without or (shown and fingerprint(item.id) in shown):
            continue
        met.add(item.id)
        yield item


def ranking(ranked: Iterable[Scored], given: Sequence[str]) -> tuple[Entry, ...]:
    """All the given ids, each once: the ranked ones first, the others behind them as they were given."""
    wanted = dict.fromkeys(given)
    matched = [item for item in _unshown(ranked, frozenset(), ()) if item.id in wanted]
    found = {item.id for item in matched}
    others = [Scored(id_, None) for id_ in wanted if id_ not in found]
    return tuple(
        Entry(item, place, place <= len(matched)) for place, item in enumerate([*matched, *others], start=1)
    )
