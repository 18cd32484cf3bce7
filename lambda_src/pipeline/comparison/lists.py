"""Batch output as arrays: who gets what, as it would be stored before popular items fill it up."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes
from pipeline.comparison.request import Listed
from pipeline.errors import ObjectMissing, ShardIncomplete
from pipeline.lists.load import Shard
from pipeline.storage import Bucket, storage_errors

_CHUNK_BYTES = 1 << 20
_OWNER = re.compile(rb'\{"(?:userId|itemId)": ?"([ !#-\[\]-~]*)"')


class _Codes(dict[str, int]):
    def __missing__(self, name: str) -> int:
        return self.setdefault(name, len(self))


@dataclass
class Index:
    """Ids to dense codes, in the order in which they are first met."""

    codes: dict[str, int] = field(default_factory=_Codes)

    def __len__(self) -> int:
        return len(self.codes)

    def code(self, name: str) -> int:
        return self.codes[name]

    def all_of(self, names: Iterable[str]) -> Iterator[int]:
        return map(self.codes.__getitem__, names)


@dataclass(frozen=True, kw_only=True)
class Lists:
    """Row r belongs to the person of code r, or to the item where lists belong to items.

    items: rows x positions, best first, -1: no more. scores: of the same shape, NaN: none. leaked: how many
    of a row's best were the person's own. asked: whether the person was in the batch at all. errors: lines of
    the output that were one. own: the own items of the watched people.
    """

    variant: str
    items: Codes
    scores: NDArray[np.float32]
    leaked: NDArray[np.int32]
    asked: NDArray[np.bool_]
    errors: int
    of_items: bool
    own: dict[int, frozenset[int]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        return np.asarray((self.items >= 0).sum(axis=1))

    def padded(self, rows: int) -> Lists:
        """With empty lists for people who came up later."""
        more = rows - len(self.items)
        if more <= 0:
            return self
        return replace(
            self,
            items=np.pad(self.items, ((0, more), (0, 0)), constant_values=-1),
            scores=np.pad(self.scores, ((0, more), (0, 0)), constant_values=np.nan),
            leaked=np.pad(self.leaked, (0, more)),
            asked=np.pad(self.asked, (0, more)),
        )


def read(
    bucket: Bucket,
    listed: Listed,
    people: Index,
    items: Index,
    *,
    limit: int,
    watched: Collection[int] = (),
) -> Lists:
    """One shard at a time; whoever has no line in the output has an empty list.

    Raises: ShardIncomplete, if a file is gone or torn, or names somebody who is not in its shard;
    StorageFailed.
    """
    shards = [Shard(**shard) for shard in bucket.read_json(listed.shards_key) or ()]
    if not shards:
        raise ShardIncomplete(f"there are no shards at {bucket.url(listed.shards_key)}")
    rows = len(people) + sum(shard.users for shard in shards)
    lists = Lists(
        variant=listed.variant,
        items=np.full((rows, limit), -1, np.int32),
        scores=np.full((rows, limit), np.nan, np.float32),
        leaked=np.zeros(rows, np.int32),
        asked=np.zeros(rows, np.bool_),
        errors=0,
        of_items=False,
        own={},
    )
    errors, of_items = 0, False
    for shard in shards:
        waiting = {_owner(raw, shard.own): raw for raw in _lines(bucket, shard.own)}
        for subject in waiting:
            lists.asked[people.code(subject)] = True
        output = _output(listed, shard)
        for raw in _lines(bucket, output):
            line = _parsed(raw, bucket.url(output))
            subject = _subject(line.get("input"), output)
            of_items = of_items or "itemId" in line["input"]
            own_line = waiting.pop(subject, None)
            if own_line is None:
                raise ShardIncomplete(
                    f"{bucket.url(output)} has somebody twice, or one that is not of this shard"
                )
            own = _parsed(own_line, bucket.url(shard.own))["own"]
            row = people.code(subject)
            if row in watched:
                lists.own[row] = frozenset(items.all_of(own))
            errors += bool(line.get("error"))
            _fill(lists, row, line.get("output") or {}, frozenset(own), items)
    return replace(_cut(lists, len(people)), errors=errors, of_items=of_items)


def _fill(lists: Lists, row: int, output: dict[str, Any], own: frozenset[str], items: Index) -> None:
    """Each item once, own ones left out, as loading does."""
    recommended = output.get("recommendedItems") or []
    scores = output.get("scores") or ()
    limit = lists.items.shape[1]
    if own.isdisjoint(recommended) and len(set(recommended)) == len(recommended):
        kept, best = recommended[:limit], scores[:limit]
    else:
        lists.leaked[row] = sum(item in own for item in recommended[:limit])
        kept = [item for item in dict.fromkeys(recommended) if item not in own][:limit]
        if len(scores) == len(recommended):
            of_item = dict(zip(reversed(recommended), reversed(scores), strict=True))
            best = [of_item[item] for item in kept]
    lists.items[row, : len(kept)] = list(items.all_of(kept))
    if len(scores) == len(recommended):
        lists.scores[row, : len(kept)] = best


def _cut(lists: Lists, rows: int) -> Lists:
    """Copies: what is cut off would be kept as long as a view is."""
    return replace(
        lists,
        items=lists.items[:rows].copy(),
        scores=lists.scores[:rows].copy(),
        leaked=lists.leaked[:rows].copy(),
        asked=lists.asked[:rows].copy(),
    )


def _output(listed: Listed, shard: Shard) -> str:
    if listed.output_folder is None:
        return shard.output
    return listed.output_folder + shard.output.rpartition("/")[2]


def _subject(record: Any, where: str) -> str:
    try:
        return str(record["userId"] if "userId" in record else record["itemId"])
    except (LookupError, TypeError) as error:
        raise ShardIncomplete(f"{where} has a line of nobody") from error


def _owner(line: bytes, where: str) -> str:
    """Without reading the rest, where the id needs no reading."""
    matched = _OWNER.match(line)
    return matched[1].decode("ascii") if matched else _subject(_parsed(line, where), where)


def _parsed(line: bytes, where: str) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ShardIncomplete(f"{where} is torn at {line[:40]!r}") from error


def _lines(bucket: Bucket, key: str) -> Iterator[bytes]:
    try:
        body = bucket.open(key)
    except ObjectMissing as error:
        raise ShardIncomplete(f"{bucket.url(key)} does not exist") from error
    with body, storage_errors(f"reading {bucket.url(key)}"):
        yield from filter(None, body.iter_lines(chunk_size=_CHUNK_BYTES))
