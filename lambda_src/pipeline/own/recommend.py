"""A shard of batch input becomes a shard of batch output, in the format of Amazon Personalize's batch jobs.

What was trained is asked, with nothing but the shard: whoever has something already is in the shard too.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import engine
from engine.ground.errors import ArtifactError
from pipeline import keys
from pipeline.errors import ObjectMissing, ShardIncomplete
from pipeline.load import Shard
from pipeline.own import files
from pipeline.own.refusals import ModelDamaged
from pipeline.storage import Bucket, storage_errors

MODELS = Path(tempfile.gettempdir()) / "own-models"
_PER_BLOCK = 2_000
_CHUNK_BYTES = 1 << 20
_DIGITS = 7
"""Of a score: as many as its 32 bits hold."""


@dataclass(frozen=True, kw_only=True)
class Recommending:
    """results: items per user, or per item where the lists belong to items. side_by_side: other variants
    have batch output of this run too.
    """

    use_case: str
    run: str
    model_key: str
    model_digest: str
    shard: Shard
    results: int
    variant: str = "own"
    side_by_side: bool = False

    @property
    def output(self) -> str:
        return keys.output_beside(self.shard.output, self.variant) if self.side_by_side else self.shard.output


@dataclass(frozen=True)
class Written:
    """lists: lines of the output. short: those with fewer items than were asked for."""

    lists: int
    short: int


def recommend_shard(bucket: Bucket, work: Recommending, *, folder: Path = MODELS) -> Written:
    """Writes the shard's output whole or not at all; repeating it writes the same.

    folder: keeps the model between two calls. Raises: ModelDamaged, ShardIncomplete, StorageFailed.
    """
    model = _model(files.fetched(bucket, work.model_key, work.model_digest, folder))
    lists = short = 0
    with tempfile.TemporaryFile() as output:
        for block in _blocks(_lines(bucket, work.shard.own)):
            for line, found in zip(block, _recommended(model, block, work.results), strict=True):
                output.write(_written(line, found))
                lists += 1
                short += len(found.item_ids) < work.results
        if lists != work.shard.users:
            raise ShardIncomplete(
                f"{bucket.url(work.shard.own)} has {lists:,} lines instead of {work.shard.users:,}"
            )
        output.seek(0)
        bucket.write(work.output, output, "application/jsonlines")
    return Written(lists, short)


@lru_cache(maxsize=1)
def _model(file: Path) -> engine.Model:
    """Mapped into memory: what is not asked for is not read."""
    try:
        return engine.load(file)
    except ArtifactError as error:
        raise ModelDamaged(str(error)) from error


def _recommended(
    model: engine.Model, block: Sequence[dict[str, Any]], results: int
) -> list[engine.Recommendation]:
    """Nothing that somebody has already, by the use case's own words; and no item is like itself."""
    if "itemId" in block[0]:
        return model.similar_items([line["itemId"] for line in block], results)
    return model.recommend(
        [line["userId"] for line in block],
        results,
        exclude=[line["own"] for line in block],
        exclude_seen=False,
    )


def _written(line: dict[str, Any], found: engine.Recommendation) -> bytes:
    """Lists of items carry neither scores nor errors, as those of the recipes for similar items."""
    if "itemId" in line:
        return _json({"input": {"itemId": line["itemId"]}, "output": {"recommendedItems": found.item_ids}})
    scores = [float(f"{score:.{_DIGITS}g}") for score in found.scores]
    output = {"recommendedItems": found.item_ids, "scores": scores}
    return _json({"input": {"userId": line["userId"]}, "output": output, "error": None})


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _blocks(lines: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while block := list(islice(lines, _PER_BLOCK)):
        yield block


def _lines(bucket: Bucket, key: str) -> Iterator[dict[str, Any]]:
    try:
        body = bucket.open(key)
    except ObjectMissing as error:
        raise ShardIncomplete(f"{bucket.url(key)} does not exist") from error
    with body, storage_errors(f"reading {bucket.url(key)}"):
        yield from map(json.loads, filter(None, body.iter_lines(chunk_size=_CHUNK_BYTES)))
