"""The interactions of a dataset group, from its parts on disk, as columns in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.interactions import Interactions
from engine.ground.arrays import Codes, Floats, Ids, Mask, Times
from engine.ground.histories import Histories
from engine.ground.vocabulary import factorise, lookup
from personalize_server.data.columns import Part
from personalize_server.data.numbers import floats


@dataclass(frozen=True)
class InteractionTable:
    """One row per event, ids as positions in sorted `user_ids` and `item_ids`, types in `type_names`."""

    user_ids: Ids
    item_ids: Ids
    type_names: Ids
    users: Codes
    items: Codes
    types: Codes
    """-1: no event type"""
    times: Times
    values: NDArray[np.float64]
    """EVENT_VALUE, NaN where there is none"""

    @classmethod
    def read(cls, folders: Sequence[Path], *, item_column: str = "ITEM_ID") -> "InteractionTable":
        parts = [Part(folder) for folder in folders]
        user_ids, users = joined(parts, "USER_ID")
        item_ids, items = joined(parts, item_column)
        type_names, types = joined(parts, "EVENT_TYPE")
        times = [np.asarray(part.numbers("TIMESTAMP"), np.int64) for part in parts]
        values = [_values(part) for part in parts]
        return cls(
            user_ids,
            item_ids,
            type_names,
            users,
            items,
            types,
            np.concatenate(times) if times else np.empty(0, np.int64),
            np.concatenate(values) if values else np.empty(0, np.float64),
        )

    def __len__(self) -> int:
        return len(self.users)

    def interactions(self, mask: Mask, weights: Floats) -> Interactions:
        """The rows of the mask for the engine, with only the ids that occur in them."""
        users, user_codes = np.unique(self.users[mask], return_inverse=True)
        items, item_codes = np.unique(self.items[mask], return_inverse=True)
        return Interactions(
            self.user_ids[users],
            self.item_ids[items],
            user_codes.astype(np.int32),
            item_codes.astype(np.int32),
            self.times[mask],
            weights[mask],
        )

    def newest(self, count: int) -> Mask:
        """The newest `count` rows of each user and event type: what filters look at."""
        order = np.lexsort((-self.times, self.types, self.users))
        users, types = self.users[order], self.types[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = (users[1:] != users[:-1]) | (types[1:] != types[:-1])
        starts = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
        mask = np.empty(len(order), np.bool_)
        mask[order] = np.arange(len(order)) - starts < count
        return mask

    def pairs(self, mask: Mask, item_ids: Ids, weights: Floats | None = None) -> Histories:
        """Per user the distinct items of the mask's rows, as positions in `item_ids`, oldest first."""
        codes = lookup(item_ids, self.item_ids)[self.items]
        kept = mask & (codes >= 0)
        known = Interactions(
            self.user_ids,
            item_ids,
            self.users[kept],
            codes[kept],
            self.times[kept],
            np.ones(int(kept.sum()), np.float32) if weights is None else weights[kept],
        )
        return known.histories()


def used_rows(table: InteractionTable, config: Mapping[str, Any]) -> tuple[Mask, Floats]:
    """Rows that a solution trains on, and how much each counts, by its eventType and eventsConfig."""
    mask = np.ones(len(table), np.bool_)
    weights = np.ones(len(table), np.float32)
    chosen = _chosen(config)
    if chosen:
        mask[:] = False
        for parameters in chosen:
            rows = _of_type(table, parameters.get("eventType"), parameters.get("eventValueThreshold"))
            mask |= rows
            weights[rows] = parameters.get("weight", 1.0)
        return mask & (weights > 0), weights
    if config.get("eventType"):
        threshold = config.get("solutionConfig", {}).get("eventValueThreshold")
        mask = _of_type(table, config["eventType"], None if threshold in (None, "") else float(threshold))
    return mask, weights


def weight_of(event: Mapping[str, str], config: Mapping[str, Any], usual: float) -> float:
    """How much an event counts that came after training: by the eventsConfig, `usual` where that has none."""
    weight = usual
    for parameters in _chosen(config):
        threshold = parameters.get("eventValueThreshold")
        if parameters.get("eventType") not in (None, event.get("EVENT_TYPE")):
            continue
        if threshold is None or float(event.get("EVENT_VALUE") or "nan") >= threshold:
            weight = parameters.get("weight", 1.0)
    return weight if weight > 0 else usual


def _chosen(config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    events: Mapping[str, Any] = config.get("solutionConfig", {}).get("eventsConfig", {})
    chosen: Sequence[Mapping[str, Any]] = events.get("eventParametersList", [])
    return chosen


def _of_type(table: InteractionTable, name: str | None, threshold: float | None) -> Mask:
    mask = np.ones(len(table), np.bool_)
    if name is not None:
        [code] = lookup(table.type_names, [name])
        mask &= (table.types == code) & (code >= 0)
    if threshold is not None:
        mask &= table.values >= threshold
    return mask


def joined(parts: Sequence[Part], column: str) -> tuple[Ids, Codes]:
    """The sorted distinct strings of all parts, and every row's position among them."""
    vocabularies = [part.vocabulary(column) if column in part.columns else [] for part in parts]
    ids, places = factorise([word for vocabulary in vocabularies for word in vocabulary])
    codes, start = [np.empty(0, np.int32)], 0
    for part, vocabulary in zip(parts, vocabularies, strict=True):
        own = np.append(places[start : start + len(vocabulary)], np.int32(-1))
        start += len(vocabulary)
        if column in part.columns:
            codes.append(own[np.asarray(part.numbers(column), np.int64)])
        else:
            codes.append(np.full(part.rows, -1, np.int32))
    return ids, np.concatenate(codes).astype(np.int32)


def _values(part: Part) -> NDArray[np.float64]:
    if "EVENT_VALUE" not in part.columns:
        return np.full(part.rows, np.nan)
    return floats(np.asarray(part.numbers("EVENT_VALUE")))
