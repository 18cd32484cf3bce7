"""Who gets recommendations: the input of a batch inference job, in shards, and what each user has already."""

from __future__ import annotations

import heapq
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypedDict

from pipeline import keys
from pipeline.csv_rows import rows
from pipeline.errors import EmptyAudience
from pipeline.lists.caps import Cap, values_of_items
from pipeline.lists.fatigue import Fatigue, tiring
from pipeline.lists.load import Shard
from pipeline.partitions import Partitions
from pipeline.storage import Bucket, storage_errors
from pipeline.times import iso, run_time

MAX_SHARDS = 1000
POPULAR_ITEMS = 500
ALL_EVENTS = "*"
DAY = 86_400
_PARTITION_BYTES = 8 << 20
_MAX_PARTITIONS = 256
_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Whose batch input is written.

    Own items are those of the own event types ("*" = of all), and the user's own id where users are items.
    With `active_within_days` only users with an interaction in that time before the run started; otherwise
    everybody in the users and the interactions datasets. With `items_key` it is not users who get lists but
    the items of that dataset, each without itself. caps: of the lists, by columns of `capped_items_key`, the
    items dataset. fatigue: None: nothing tires anybody.
    """

    use_case: str
    run: str
    interactions_key: str
    users_key: str | None
    own_event_types: tuple[str, ...]
    own_includes_user: bool
    active_within_days: int | None
    users_per_shard: int
    items_key: str | None = None
    caps: tuple[Cap, ...] = ()
    capped_items_key: str | None = None
    fatigue: Fatigue | None = None

    @property
    def member(self) -> str:
        """Of a line of batch input: who or what gets the list."""
        return "itemId" if self.items_key else "userId"


class BatchInput(TypedDict):
    """inputLocation, outputLocation: of the batch job. shardsKey: of the list of shards, a `Shard` each.
    valuesKey: of what caps go by; None without caps.
    """

    users: int
    shards: int
    inputLocation: str
    outputLocation: str
    shardsKey: str
    popularKey: str
    valuesKey: str | None


def write_batch_input(
    bucket: Bucket, audience: Audience, shown: Iterable[tuple[str, str, str]] = ()
) -> BatchInput:
    """Writes the shards, their list, the popular items and what caps go by.

    Memory grows with the items, not with the users. A line of somebody's own items also has what is tiring.
    shown: person, item, and a day on which it was shown, or that something was done with it.

    Raises: EmptyAudience, StorageFailed, InvalidInput.
    """
    folder = keys.batch(audience.use_case, audience.run)
    with tempfile.TemporaryDirectory(prefix="batch-input-") as temporary:
        path = Path(temporary)
        with Partitions(path, _partition_count(bucket, audience)) as partitions:
            popular, newest = _partition(bucket, audience, partitions)
            for user, item, note in shown:
                partitions.note(user, item, note)
        users = _write_lines(path, partitions, audience)
        if not users:
            raise EmptyAudience(_nobody(audience, newest))
        size = shard_size(audience.users_per_shard, users)
        shards = list(_write_shards(bucket, folder, path, size))
    bucket.write_json(f"{folder}shards.json", shards)
    bucket.write_json(f"{folder}popular.json", popular)
    values_key = None
    if audience.caps and audience.capped_items_key:
        values_key = f"{folder}item-values.json"
        bucket.write_json(values_key, values_of_items(bucket, audience.capped_items_key, audience.caps))
    return {
        "users": users,
        "shards": len(shards),
        "inputLocation": bucket.url(f"{folder}input/"),
        "outputLocation": bucket.url(f"{folder}output/"),
        "shardsKey": f"{folder}shards.json",
        "popularKey": f"{folder}popular.json",
        "valuesKey": values_key,
    }


def shard_size(wanted: int, users: int) -> int:
    """Users per shard: as many as wanted, or more where that would make more than 1000 shards."""
    return max(wanted, -(-users // MAX_SHARDS))


def _partition_count(bucket: Bucket, audience: Audience) -> int:
    size = 0
    for key in filter(None, (audience.interactions_key, audience.users_key, audience.items_key)):
        with storage_errors(f"reading {bucket.url(key)}"):
            size += bucket.client.head_object(Bucket=bucket.name, Key=key)["ContentLength"]
    return min(_MAX_PARTITIONS, 1 + size // _PARTITION_BYTES)


def _partition(bucket: Bucket, audience: Audience, partitions: Partitions) -> tuple[list[str], int]:
    """Sorts everybody into the partitions; answers the most popular items and the newest timestamp."""
    every = ALL_EVENTS in audience.own_event_types
    own_types = frozenset(audience.own_event_types)
    since, newest = _active_since(audience), 0
    counted: Counter[str] = Counter()
    columns = ["USER_ID", "ITEM_ID", "TIMESTAMP"]
    columns += [] if every or not own_types else ["EVENT_TYPE"]
    for user, item, moment, *kind in rows(bucket, audience.interactions_key, columns):
        counted[item] += 1
        own = every or (kind and kind[0] in own_types)
        active = True
        if since is not None:
            active = int(moment) >= since
            newest = max(newest, int(moment))
        if not audience.items_key:
            partitions.add(user, item if own else "", counts=active)
    if audience.items_key:
        for (item,) in rows(bucket, audience.items_key, ["ITEM_ID"]):
            partitions.add(item, item, counts=True)
    elif audience.users_key and since is None:
        for (user,) in rows(bucket, audience.users_key, ["USER_ID"]):
            partitions.add(user, "", counts=True)
    top = heapq.nsmallest(POPULAR_ITEMS, counted.items(), key=lambda entry: (-entry[1], entry[0]))
    return [item for item, _ in top], newest


def _active_since(audience: Audience) -> float | None:
    if audience.active_within_days is None:
        return None
    return run_time(audience.run).timestamp() - audience.active_within_days * DAY


def _nobody(audience: Audience, newest: int) -> str:
    if audience.active_within_days is None:
        return f"{audience.use_case}: there are no users"
    return (
        f"{audience.use_case}: nobody was active in the {audience.active_within_days} days before the run; "
        f"the newest interaction is of {iso(newest)}"
    )


def _write_lines(folder: Path, partitions: Partitions, audience: Audience) -> int:
    count = 0
    with _lines_file(folder, "input") as inputs, _lines_file(folder, "own") as owns:
        for user, items, notes in partitions.users():
            own = [user, *items] if audience.own_includes_user and user not in items else items
            name, tired = _json(user), ""
            if audience.fatigue and (found := tiring(notes, audience.fatigue.shown_days)):
                tired = f', "tiring": {_json(found)}'
            inputs.write(f'{{"{audience.member}": {name}}}\n')
            owns.write(f'{{"{audience.member}": {name}, "own": {_json(own)}{tired}}}\n')
            count += 1
    return count


def _lines_file(folder: Path, name: str) -> IO[str]:
    return (folder / name).open("w", encoding="utf-8", newline="\n")


def _write_shards(bucket: Bucket, folder: str, lines: Path, size: int) -> Iterator[dict[str, Any]]:
    with (lines / "input").open("rb") as inputs, (lines / "own").open("rb") as owns:
        number = 0
        while taken := list(islice(inputs, size)):
            shard = Shard(
                own=keys.shard(f"{folder}own/", number),
                output=keys.shard(f"{folder}output/", number) + ".out",
                users=len(taken),
            )
            bucket.write(keys.shard(f"{folder}input/", number), b"".join(taken), "application/jsonlines")
            bucket.write(shard.own, _next_lines(owns, len(taken)), "application/jsonlines")
            yield asdict(shard)
            number += 1


def _next_lines(file: IO[bytes], count: int) -> bytes:
    return b"".join(islice(file, count))
