"""A shard of batch input becomes a shard of batch output, in the format of Amazon Personalize's batch jobs.

What was trained is asked, with nothing but the shard: whoever has something already is in the shard too.
"""

from __future__ import annotations

import json
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import engine
from engine.ground.errors import ArtifactError
from pipeline import keys
from pipeline.errors import ObjectMissing, ShardIncomplete
from pipeline.lists.load import Shard
from pipeline.own import files
from pipeline.own.lines import Lines, Lists
from pipeline.own.refusals import ModelDamaged
from pipeline.storage import Bucket, storage_errors

MODELS = Path(tempfile.gettempdir()) / "own-models"
_PER_BLOCK = 2_000
_CHUNK_BYTES = 1 << 20


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

    folder: keeps the model between two calls, apart from those of others on the same machine.
    Raises: ModelDamaged, ShardIncomplete, StorageFailed.
    """
    kept = folder / work.use_case / work.variant
    lines = _lines_of(files.fetched(bucket, work.model_key, work.model_digest, kept))
    lists = short = 0
    with tempfile.TemporaryFile() as output:
        for block, found in _ahead(lines, _blocks(_lines(bucket, work.shard.own)), work.results):
            text, few = found.written(block)
            output.write(text)
            lists += len(block)
            short += few
        if lists != work.shard.users:
            raise ShardIncomplete(
                f"{bucket.url(work.shard.own)} has {lists:,} lines instead of {work.shard.users:,}"
            )
        output.seek(0)
        bucket.write(work.output, output, "application/jsonlines")
    return Written(lists, short)


@lru_cache(maxsize=1)
def _lines_of(file: Path) -> Lines:
    """Mapped into memory: what is not asked for is not read. The whole file's digest was checked."""
    try:
        return Lines.of(engine.load(file, verify=False))
    except ArtifactError as error:
        raise ModelDamaged(str(error)) from error


def _ahead(
    lines: Lines, blocks: Iterator[Sequence[dict[str, Any]]], results: int
) -> Iterator[tuple[Sequence[dict[str, Any]], Lists]]:
    """Each block with its lists. While one is written the next is scored: NumPy lets go of Python then."""
    with ThreadPoolExecutor(1) as scoring:
        waiting: deque[tuple[Sequence[dict[str, Any]], Future[Lists]]] = deque()
        for block in blocks:
            waiting.append((block, scoring.submit(lines.recommended, block, results)))
            if len(waiting) > 1:
                earlier, found = waiting.popleft()
                yield earlier, found.result()
        for block, found in waiting:
            yield block, found.result()


def _blocks(lines: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while block := list(islice(lines, _PER_BLOCK)):
        yield block


def _lines(bucket: Bucket, key: str) -> Iterator[dict[str, Any]]:
    try:
        body = bucket.open(key)
    except ObjectMissing as error:
        raise ShardIncomplete(f"{bucket.url(key)} does not exist") from error
    with body, storage_errors(f"reading {bucket.url(key)}"):
        for line in filter(None, body.iter_lines(chunk_size=_CHUNK_BYTES)):
            yield json.loads(line.decode())
