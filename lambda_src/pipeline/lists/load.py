"""One shard of batch output into the serving table."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pipeline import keys
from pipeline.batch_write import put_all
from pipeline.errors import ObjectMissing, ShardIncomplete
from pipeline.lists.caps import Cap, Capping
from pipeline.lists.fatigue import Fatigue
from pipeline.serving_items import WRITE_UNIT, Attributes, fitting, list_item, user_key, write_units
from pipeline.storage import Bucket, storage_errors

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Shard:
    """A shard of the batch input: its own items, its output and how many users it has."""

    own: str
    output: str
    users: int


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is being loaded: at most `limit` items per user, until `expires` (epoch seconds).

    list_bytes: that a stored list may have; what does not fit is cut from the end.
    side_by_side: other variants have batch output of this run too. values_key: of the items' values that caps
    go by.
    """

    use_case: str
    variant: str
    generation: str
    shard: Shard
    popular_key: str
    limit: int
    expires: int
    side_by_side: bool = False
    caps: tuple[Cap, ...] = ()
    values_key: str | None = None
    list_bytes: int = WRITE_UNIT
    fatigue: Fatigue | None = None

    @property
    def output(self) -> str:
        return keys.output_beside(self.shard.output, self.variant) if self.side_by_side else self.shard.output


@dataclass
class Counts:
    """Users written; users without a list; lists filled up with popular items; lists cut to fit, whole ones
    among them, whose users have none; write units of the table; lists that a cap has changed; lists with
    tiring items that come later.
    """

    users: int = 0
    errors: int = 0
    topped_up: int = 0
    trimmed: int = 0
    units: int = 0
    capped: int = 0
    rested: int = 0


def load_recommendations(
    client: Any,
    table: str,
    bucket: Bucket,
    load: Load,
    *,
    sleep: Callable[[float], None],
    rng: random.Random,
) -> Counts:
    """Writes one list per user of the shard; repeating it writes the same.

    Raises: ShardIncomplete, TableBusy, ObjectMissing, StorageFailed.
    """
    waiting = _own_lines(bucket, load.shard)
    popular: list[str] = bucket.read_json(load.popular_key) or []
    capping = Capping.read(bucket, load.caps, load.values_key)
    counts = Counts()
    items = _items(load, _output(bucket, load.output), waiting, popular, capping, counts)
    put_all(client, table, items, sleep=sleep, rng=rng)
    if waiting:
        raise ShardIncomplete(
            f"{_named(bucket, load.output)} lacks {len(waiting):,} of {load.shard.users:,} users"
        )
    return counts


def _items(
    load: Load,
    output: Iterator[dict[str, Any]],
    waiting: dict[str, bytes],
    popular: Sequence[str],
    capping: Capping | None,
    counts: Counts,
) -> Iterator[Attributes]:
    sk = f"{load.variant}#{load.generation}"
    for line in output:
        user = _subject(line["input"])
        own_line = waiting.pop(user, None)
        if own_line is None:
            raise ShardIncomplete(
                f"{load.output.rpartition('/')[2]} has a user twice, or one that is not of this shard"
            )
        if line.get("error"):
            counts.errors += 1
            continue
        known = json.loads(own_line)
        tiring = Tiring(load.fatigue.cap, known.get("tiring", ())) if load.fatigue else None
        recommended = (line.get("output") or {}).get("recommendedItems") or []
        chosen = choose(recommended, popular, known["own"], load.limit, capping, tiring)
        pk = user_key(load.use_case, user)
        room = fitting(pk, sk, chosen.items, load.expires, list_bytes=load.list_bytes)
        counts.trimmed += room is None or room < len(chosen.items)
        if room is None:
            counts.errors += 1
            continue
        item = list_item(pk, sk, chosen.items[:room], load.expires)
        counts.users += 1
        counts.topped_up += chosen.topped_up
        counts.capped += chosen.capped
        counts.rested += chosen.rested
        counts.units += write_units(item)
        yield item


@dataclass(frozen=True)
class Chosen:
    items: list[str]
    topped_up: bool
    capped: bool = False
    rested: bool = False


@dataclass(frozen=True)
class Tiring:
    """items: that one person was shown often enough. cap: of how many may be among the first."""

    cap: Cap
    items: Sequence[str]


def choose(
    recommended: Sequence[str],
    popular: Sequence[str],
    own: Sequence[str],
    limit: int,
    capping: Capping | None = None,
    tiring: Tiring | None = None,
) -> Chosen:
    """Best first, no own items, each once; popular ones fill up what is short of the limit.

    A cap never gives way; fatigue does, where there is nothing else that was recommended.
    """
    excluded = set(own)
    candidates = [item for item in dict.fromkeys(recommended) if item not in excluded]
    best = candidates[:limit]
    as_it_comes = capping is None and not (tiring and tiring.items)
    excluded.update(best if as_it_comes else candidates)
    filling = [item for item in popular if item not in excluded] if len(best) < limit or capping else []
    if as_it_comes:
        items = best + [item for _, item in zip(range(limit - len(best)), filling, strict=False)]
        return Chosen(items, topped_up=len(items) > len(best))
    caps = capping or Capping((), {})
    plain = items = caps.best(chain(candidates, filling), limit)
    if tiring and tiring.items:
        fresh = caps.with_tiring(tiring.cap, tiring.items).best(candidates, limit)
        items = caps.best(chain(fresh, candidates, filling), limit)
    return Chosen(
        items,
        topped_up=not set(items) <= set(candidates),
        capped=plain[: len(best)] != best,
        rested=items != plain,
    )


def _subject(record: dict[str, Any]) -> str:
    """Who, or which item, gets the list."""
    return str(record["userId"] if "userId" in record else record["itemId"])


def _own_lines(bucket: Bucket, shard: Shard) -> dict[str, bytes]:
    """The unparsed line of every user: a fraction of the memory of the parsed ones."""
    lines = {_subject(json.loads(line)): line for line in _lines(bucket, shard.own)}
    if len(lines) != shard.users:
        raise ShardIncomplete(
            f"{_named(bucket, shard.own)} has {len(lines):,} users instead of {shard.users:,}"
        )
    return lines


def _output(bucket: Bucket, key: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(bucket, key), start=1):
        try:
            parsed: dict[str, Any] = json.loads(line)
            _subject(parsed["input"])
        except (ValueError, LookupError, TypeError) as error:
            raise ShardIncomplete(f"{_named(bucket, key)} is torn in line {number:,}") from error
        yield parsed


def _lines(bucket: Bucket, key: str) -> Iterator[bytes]:
    try:
        body = bucket.open(key)
    except ObjectMissing as error:
        raise ShardIncomplete(f"{_named(bucket, key)} does not exist") from error
    with body, storage_errors(f"reading {bucket.url(key)}"):
        yield from filter(None, body.iter_lines(chunk_size=_CHUNK_BYTES))


def _named(bucket: Bucket, key: str) -> str:
    """The file's name first: the workflow cuts long messages of many shards."""
    return f"{key.rpartition('/')[2]} ({bucket.url(key)})"
