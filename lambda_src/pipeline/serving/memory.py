"""What a warm function remembers of the serving table: pointers for seconds, lists for their generation."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.experiments.experiment import Experiment
from pipeline.serving.table import Items, Look, Table, TableFailed, Visible

_GENERATIONS = 3
"""Remembered per use case: the visible one, the one before, and one that cursors may still name."""


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
    tried_at: float
    failing_since: float | None = None


class Memory:
    """Of one process. `clock` is monotonic, in seconds."""

    def __init__(
        self, table: Table, *, pointer_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._table = table
        self._seconds = pointer_seconds
        self._clock = clock
        self._looks: dict[tuple[str, ...], _Known] = {}
        self._popular: dict[tuple[str, str], OrderedDict[str, Items]] = {}
        self._catalogues: dict[tuple[str, str], OrderedDict[str, Items]] = {}

    def look(self, use_case: str, variants: Sequence[str]) -> Seen:
        """The pointers of the variants, and the experiment if there are several.

        A table that does not answer is asked again only after the same seconds.

        Raises: TableFailed, if it does not answer and nothing is remembered.
        """
        key, now, failed = (use_case, *variants), self._clock(), None
        known = self._looks.get(key)
        if known is None or now - known.tried_at >= self._seconds:
            try:
                known = self._looks[key] = _Known(self._table.look(use_case, variants), now)
            except TableFailed as failure:
                if known is None:
                    raise
                known.tried_at, failed = now, str(failure)
                if known.failing_since is None:
                    known.failing_since = now
        failing_since = now if known.failing_since is None else known.failing_since
        look = known.look
        return Seen(look.visible, now - failing_since, failed, look.experiment, look.broken)

    def popular(self, use_case: str, variant: str, generation: str | None) -> tuple[str, Items] | None:
        """Of the generation, or of the newest one when there is no pointer; with its generation.

        Raises: TableFailed, if it is not remembered either.
        """
        remembered = self._popular.setdefault((use_case, variant), OrderedDict())
        if generation is None:
            found = self._table.newest_popular(use_case, variant)
            if found:
                _remember(remembered, *found)
            return found
        if generation not in remembered:
            items = self._table.popular(use_case, variant, generation)
            if items is None:
                return None
            _remember(remembered, generation, items)
        return generation, remembered[generation]

    def last_popular(self, use_case: str, variant: str) -> tuple[str, Items] | None:
        """The last one that was read, for when the table does not answer."""
        remembered = self._popular.get((use_case, variant))
        return next(reversed(remembered.items())) if remembered else None

    def catalogue(self, use_case: str, variant: str, generation: str) -> Items | None:
        """Raises: TableFailed, if it is not remembered."""
        remembered = self._catalogues.setdefault((use_case, variant), OrderedDict())
        if generation not in remembered:
            items = self._table.catalogue(use_case, variant, generation)
            if items is None:
                return None
            _remember(remembered, generation, items)
        return remembered[generation]

    def last_catalogue(self, use_case: str, variant: str) -> tuple[str, Items] | None:
        remembered = self._catalogues.get((use_case, variant))
        return next(reversed(remembered.items())) if remembered else None


def _remember(among: OrderedDict[str, Items], generation: str, items: Items) -> None:
    among[generation] = items
    among.move_to_end(generation)
    while len(among) > _GENERATIONS:
        among.popitem(last=False)
