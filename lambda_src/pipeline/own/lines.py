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
from numpy.typing import NDArray

import engine
from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories, offsets_of

DIGITS = 7
"""Of a score: as many as its 32 bits hold."""
_LARGEST_EXACT = 22
"""10 to the power of it is the last one that 64 bits hold exactly, and so is a quotient by it the nearest."""
_NEAR_TIE = 1e-6
Doubles = NDArray[np.float64]
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
        lengths = (self.scores > -np.inf).sum(axis=1).tolist()
        texts, ids = [], self.ids
        for line, codes, scores, length in zip(
            asked, self.codes.tolist(), rounded(self.scores).tolist(), lengths, strict=True
        ):
            items = ",".join([ids[code] for code in codes[:length]])
            values = ",".join(map(repr, scores[:length]))
            texts.append(
                f'{{"input":{{"userId":{_text(line["userId"])}}},"output":{{"recommendedItems":[{items}],'
                f'"scores":[{values}]}},"error":null}}\n'
            )
        return "".join(texts).encode(), sum(length < self.results for length in lengths)


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


def rounded(scores: Floats) -> Doubles:
    """To seven digits, each the double that is nearest to them; infinite ones stay as they are.

    n / 10^k is that double as long as both are exact. What is not certain to be rounded rightly (near the
    middle between two numbers of seven digits) or exactly is left to Python's own formatting, one by one.
    """
    values = scores.astype(np.float64)
    sizes = np.abs(values)
    plain = np.isfinite(values) & (sizes > 0)
    shift = DIGITS - 1 - np.floor(np.log10(sizes, out=np.zeros_like(sizes), where=plain))
    factors = np.power(10.0, np.clip(shift, 0, _LARGEST_EXACT))
    scaled = np.where(plain, values * factors, 0.0)
    whole = np.rint(scaled)
    digits = np.abs(whole)
    certain = (
        (np.abs(np.abs(scaled - np.floor(scaled)) - 0.5) > _NEAR_TIE)
        & (digits >= 10 ** (DIGITS - 1))
        & (digits <= 10**DIGITS)
        & (shift >= 0)
        & (shift <= _LARGEST_EXACT)
    )
    found: Doubles = np.where(plain & certain, whole / factors, values)
    for place in np.argwhere(plain & ~certain):
        found[tuple(place)] = float(f"{values[tuple(place)]:.{DIGITS}g}")
    return found
