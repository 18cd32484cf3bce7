"""Lists of a model as lines of batch output: what `json.dumps` would write, for a fifth of its time.

Ids are put into JSON once per model instead of once per list, and scores are rounded for all lists at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import numpy as np

import engine
from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories, offsets_of
from pipeline.own.score_texts import joined

_text = json.JSONEncoder(ensure_ascii=False).encode


class Lists(Protocol):
    def written(self, asked: Sequence[Mapping[str, Any]]) -> tuple[bytes, int]:
        """A line for each of those who were asked for, and how many lists are shorter than they should be."""


@dataclass(frozen=True)
class Lines:
    """ids: the model's items as JSON texts. places: by item id, its position among them."""

    model: engine.Model
    ids: tuple[str, ...]
    places: Mapping[str, int]

    @classmethod
    def of(cls, model: engine.Model) -> Lines:
        ids = model.item_ids.tolist()
        return cls(model, tuple(map(_text, ids)), {id_: place for place, id_ in enumerate(ids)})

    def recommended(self, block: Sequence[Mapping[str, Any]], results: int) -> Lists:
        """Nothing that somebody has already, by the use case's own words; and no item is like itself."""
        if "itemId" in block[0]:
            return Similar(self.model.similar_items([line["itemId"] for line in block], results), results)
        users = [line["userId"] for line in block]
        own = self._own([line["own"] for line in block])
        codes, scores = self.model.ranked(users, results, exclude=own, exclude_seen=False)
        return Scored(self.ids, codes, scores, results)

    def _own(self, rows: Sequence[Sequence[str]]) -> Histories:
        known = self.places
        coded = [[known[id_] for id_ in row if id_ in known] for row in rows]
        items = np.array(list(chain.from_iterable(coded)), np.int32)
        offsets = offsets_of(np.array(list(map(len, coded)), np.int64))
        return Histories(offsets, items, np.ones(len(items), np.float32))


@dataclass(frozen=True)
class Scored:
    """codes, scores: users x results or narrower; what is excluded comes last, as -inf."""

    ids: Sequence[str]
    codes: Codes
    scores: Floats
    results: int

    def written(self, asked: Sequence[Mapping[str, Any]]) -> tuple[bytes, int]:
        lengths = (self.scores > -np.inf).sum(axis=1)
        texts, ids = [], self.ids
        for line, codes, values, length in zip(
            asked, self.codes.tolist(), joined(self.scores, lengths), lengths.tolist(), strict=True
        ):
            items = ",".join([ids[code] for code in codes[:length]])
            texts.append(
                f'{{"input":{{"userId":{_text(line["userId"])}}},"output":{{"recommendedItems":[{items}],'
                f'"scores":[{values}]}},"error":null}}\n'
            )
        return "".join(texts).encode(), int((lengths < self.results).sum())


@dataclass(frozen=True)
class Similar:
    """Lists of items carry neither scores nor errors, as those of the recipes for similar items."""

    found: Sequence[engine.Recommendation]
    results: int

    def written(self, asked: Sequence[Mapping[str, Any]]) -> tuple[bytes, int]:
        texts = [
            f'{{"input":{{"itemId":{_text(line["itemId"])}}},"output":{{"recommendedItems":'
            f"[{','.join(map(_text, found.item_ids))}]}}}}\n"
            for line, found in zip(asked, self.found, strict=True)
        ]
        return "".join(texts).encode(), sum(len(found.item_ids) < self.results for found in self.found)
