"""Events added up by metric, source and window of time."""

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Mask, Times
from personalize_server.attribution.expressions import Metric

WINDOW_SECONDS = 900
"""Calculations are aggregated over 15 minutes (Amazon Personalize, "Measuring recommendation impact")."""
FRESH_SECONDS = 14 * 86_400
"""Records that are older do not count in what is not a report of an import (as above, "Guidelines")."""
UNDEFINED = "SOURCE_NAME_UNDEFINED"
Numbers: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Key:
    """What a sum is of; the window by its first second."""

    metric: Metric
    source: str
    window: int


Sums: TypeAlias = dict[Key, float]


@dataclass(frozen=True, kw_only=True)
class Events:
    """One row per event; codes are positions in the words beside them, -1: none."""

    times: Times
    types: Codes
    type_words: Sequence[str]
    sources: Codes
    source_words: Sequence[str]
    items: Codes
    numbers: Callable[[str], Numbers]
    """a column of the Interactions dataset, NaN where there is nothing"""
    item_numbers: Callable[[str], Numbers]
    """a column of the Items dataset by item code, NaN where there is nothing"""


def add(sums: Sums, events: Events, metrics: Sequence[Metric], *, since: float | None = None) -> None:
    """Adds the events, or those of `since` (s since 1970) and later."""
    for metric in metrics:
        rows = _rows(events, metric)
        if since is not None:
            rows &= events.times >= since
        values = np.ones(len(events.times)) if metric.column is None else _values(events, metric)
        rows &= np.isfinite(values)
        windows, window_codes = np.unique(events.times[rows] // WINDOW_SECONDS, return_inverse=True)
        width = len(events.source_words) + 1
        cells, places = np.unique(window_codes * width + events.sources[rows] + 1, return_inverse=True)
        totals = np.bincount(places, values[rows], len(cells))
        for cell, total in zip(cells.tolist(), totals.tolist(), strict=True):
            window, source = divmod(cell, width)
            word = events.source_words[source - 1] if source else UNDEFINED
            _add(sums, Key(metric, word, int(windows[window]) * WINDOW_SECONDS), total)


def limited(sums: Sums, known: Collection[str], most: int) -> Sums:
    """With at most so many sources, the known ones first; what comes from another one is as undefined."""
    named = dict.fromkeys([*sorted(known), *(key.source for key in sums)])
    allowed = set([source for source in named if source != UNDEFINED][:most])
    kept: Sums = {}
    for key, value in sums.items():
        source = key.source if key.source in allowed else UNDEFINED
        _add(kept, Key(key.metric, source, key.window), value)
    return kept


def _add(sums: Sums, key: Key, value: float) -> None:
    sums[key] = capped(sums.get(key, 0.0) + value)


def capped(total: float) -> float:
    """The nearest finite number: infinite sums of both signs would add up to none."""
    return min(max(total, -sys.float_info.max), sys.float_info.max)


def _rows(events: Events, metric: Metric) -> Mask:
    wanted = [code for code, word in enumerate(events.type_words) if word == metric.event_type]
    rows: Mask = np.isin(events.types, wanted)
    return rows


def _values(events: Events, metric: Metric) -> Numbers:
    column = str(metric.column)
    if not metric.of_items:
        return events.numbers(column)
    return np.append(events.item_numbers(column), np.nan)[events.items]
