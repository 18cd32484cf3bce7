"""What a warm function remembers of the serving table: pointers and deny lists for seconds, other lists for
their generation.
"""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pipeline.experiments.experiment import Experiment
from pipeline.serving.table import Items, Look, Table, TableFailed, Visible
from pipeline.withholding.opt_outs import OptOuts
from pipeline.withholding.reading import DenyLists

_GENERATIONS = 3
"""Remembered per use case: the visible one, the one before, and one that cursors may still name."""
_AGAIN_SECONDS = 1.0
"""A table that did not answer is asked for pointers again: what is remembered grows no older than it must."""


@dataclass(frozen=True)
class Seen:
    """visible: by variant, what readers see; missing if nothing is published. experiment: None without a good
    one; broken: what is wrong with it. age: seconds since look-ups began to fail, 0 while they succeed.
    failure: why it could not be looked up again just now.
    """

    visible: Mapping[str, Visible]
    age: float
    failure: str | None = None
    experiment: Experiment | None = None
    broken: str | None = None


@dataclass
class _Known:
    look: Look
    due_at: float
    failing_since: float | None = None


class _Lists:
    """Of a use case and variant, by generation; the last one is that which readers saw last in this epoch."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, Items] = OrderedDict()
        self._last: str | None = None

    def get(self, generation: str) -> Items | None:
        return self._items.get(generation)

    def keep(self, generation: str, items: Items, *, seen: bool) -> Items:
        """seen: whether readers see it now; others are those of a cursor or of the epoch before."""
        self._items[generation] = items
        self._items.move_to_end(generation)
        if seen:
            self._last = generation
        while len(self._items) > _GENERATIONS:
            self._items.popitem(last=False)
        return items

    def begin_epoch(self) -> None:
        self._last = None

    def last(self, visible: Visible | None) -> tuple[str, Items] | None:
        for generation in (visible.generation if visible else None, self._last):
            if generation is not None and generation in self._items:
                return generation, self._items[generation]
        return None


class Memory:
    """Of one process. `clock` is monotonic, in seconds. deny_lists, opt_outs: of the table."""

    def __init__(
        self, table: Table, *, pointer_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._table = table
        self._seconds = pointer_seconds
        self._clock = clock
        self.deny_lists = DenyLists(table.denied, failures=(TableFailed,), clock=clock, now=table.clock)
        self.opt_outs = OptOuts(
            partial(table.ask, "query"), partial(table.ask, "get_item"), failures=(TableFailed,), clock=clock
        )
        self._looks: dict[tuple[str, ...], _Known] = {}
        self._visible: dict[tuple[str, str], Visible] = {}
        self._popular: defaultdict[tuple[str, str], _Lists] = defaultdict(_Lists)
        self._catalogues: defaultdict[tuple[str, str], _Lists] = defaultdict(_Lists)

    def look(self, use_case: str, variants: Sequence[str]) -> Seen:
        """The pointers of the variants, and the experiment if there are several.

        Once another region publishes in a later epoch, `last_popular` and `last_catalogue` know nothing of
        what was read before: nobody goes back.

        Raises: TableFailed, if it does not answer and nothing is remembered.
        """
        key, now, failed = (use_case, *variants), self._clock(), None
        known = self._looks.get(key)
        if known is None or now >= known.due_at:
            try:
                known = self._looks[key] = _Known(self._table.look(use_case, variants), now + self._seconds)
                self._take(use_case, known.look)
            except TableFailed as failure:
                if known is None:
                    raise
                known.due_at, failed = now + min(_AGAIN_SECONDS, self._seconds), str(failure)
                if known.failing_since is None:
                    known.failing_since = now
        failing_since = now if known.failing_since is None else known.failing_since
        look = known.look
        return Seen(look.visible, now - failing_since, failed, look.experiment, look.broken)

    def _take(self, use_case: str, look: Look) -> None:
        for variant, visible in look.visible.items():
            key = (use_case, variant)
            before, self._visible[key] = self._visible.get(key), visible
            if before is None or before.rank != visible.rank:
                self._popular[key].begin_epoch()
                self._catalogues[key].begin_epoch()

    def _sees(self, key: tuple[str, str], generation: str) -> bool:
        visible = self._visible.get(key)
        return visible is None or visible.generation == generation

    def popular(self, use_case: str, variant: str, generation: str | None) -> tuple[str, Items] | None:
        """Of the generation, or of the newest one when there is no pointer; with its generation.

        Raises: TableFailed, if it is not remembered either.
        """
        key = (use_case, variant)
        if generation is None:
            found = self._table.newest_popular(use_case, variant)
            if found:
                self._popular[key].keep(*found, seen=self._sees(key, found[0]))
            return found
        items = self._popular[key].get(generation)
        if items is None:
            items = self._table.popular(use_case, variant, generation)
            if items is None:
                return None
            self._popular[key].keep(generation, items, seen=self._sees(key, generation))
        return generation, items

    def last_popular(self, use_case: str, variant: str) -> tuple[str, Items] | None:
        """What readers see, or saw last in this epoch, if it was read; for when the table does not answer."""
        key = (use_case, variant)
        return self._popular[key].last(self._visible.get(key))

    def catalogue(self, use_case: str, variant: str, generation: str) -> Items | None:
        """Raises: TableFailed, if it is not remembered."""
        key = (use_case, variant)
        items = self._catalogues[key].get(generation)
        if items is None:
            items = self._table.catalogue(use_case, variant, generation)
            if items is not None:
                self._catalogues[key].keep(generation, items, seen=self._sees(key, generation))
        return items

    def last_catalogue(self, use_case: str, variant: str) -> tuple[str, Items] | None:
        key = (use_case, variant)
        return self._catalogues[key].last(self._visible.get(key))
