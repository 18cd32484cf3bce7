"""Whether fatigue lets an item come later in somebody's list, and on which days it was shown to them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from config.schema import UseCase
from pipeline import keys
from pipeline.errors import ObjectMissing
from pipeline.lists.caps import Cap, Capping
from pipeline.lists.fatigue import ACTED, Fatigue
from pipeline.lists.load import Shard, Tiring, choose
from pipeline.storage import Bucket, storage_errors
from pipeline.tracking.shown_lately import notes_of_people


@dataclass(frozen=True)
class Rested:
    """days: on which the item was shown, the first one first; none: their events are not kept any more.
    before: its place without fatigue, from 1. after: in the stored list; None: it is not in it.
    """

    days: tuple[str, ...]
    before: int
    after: int | None


def rested(
    bucket: Bucket, case: UseCase, variant: str, run: str, listed: Sequence[str], person: str, item: str
) -> Rested | None:
    """The list is chosen once more as the run has chosen it, from what was recommended, without fatigue.

    bucket: with the copies of other regions' events. None: fatigue does not move the item down, or the run's
    batch is not kept any more.

    Raises: StorageFailed, InvalidInput.
    """
    if case.fatigue is None:
        return None
    folder = keys.batch(case.name, run)
    try:
        shard, known = _of_person(bucket, folder, person)
        if item not in known.get("tiring", ()):
            return None
        output = keys.output_beside(shard.output, variant) if len(case.variants) > 1 else shard.output
        recommended = _recommended(bucket, output, person)
    except ObjectMissing:
        return None
    popular = bucket.read_json(f"{folder}popular.json") or []
    capping = _capping(bucket, case, f"{folder}item-values.json")
    fatigue = Fatigue(
        shown_days=case.fatigue.shown_days,
        days=case.fatigue.days,
        most=case.fatigue.most,
        among=case.fatigue.among,
    )
    limit, own = case.recommendations, known["own"]
    without = choose(recommended, popular, own, limit, capping).items
    tired = choose(recommended, popular, own, limit, capping, Tiring(fatigue.cap, known["tiring"])).items
    if item not in without or item in tired[: without.index(item) + 1]:
        return None
    notes = notes_of_people(bucket, case.name, run, fatigue.days)
    days = {note for who, what, note in notes if (who, what) == (person, item)} - {ACTED}
    after = listed.index(item) + 1 if item in listed else None
    return Rested(tuple(sorted(days)), without.index(item) + 1, after)


def _capping(bucket: Bucket, case: UseCase, values_key: str) -> Capping | None:
    """None, if the run had no caps."""
    try:
        caps = [Cap(column=cap.column, most=cap.most, among=cap.among) for cap in case.caps]
        return Capping.read(bucket, caps, values_key)
    except ObjectMissing:
        return None


def _of_person(bucket: Bucket, folder: str, person: str) -> tuple[Shard, dict[str, Any]]:
    """The shard with the person, and what the run has noted of them. Raises: ObjectMissing, if none has."""
    for found in bucket.read_json(f"{folder}shards.json") or ():
        shard = Shard(**found)
        for line in _lines(bucket, shard.own):
            if line["userId"] == person:
                return shard, line
    raise ObjectMissing(f"{bucket.url(folder)} has nothing of the person")


def _recommended(bucket: Bucket, output: str, person: str) -> list[str]:
    """Raises: ObjectMissing, if nothing was recommended."""
    for line in _lines(bucket, output):
        if line["input"].get("userId") == person and not line.get("error"):
            return list(line["output"]["recommendedItems"])
    raise ObjectMissing(f"{bucket.url(output)} has nothing for the person")


def _lines(bucket: Bucket, key: str) -> Iterator[dict[str, Any]]:
    body = bucket.open(key)
    with body, storage_errors(f"reading {bucket.url(key)}"):
        yield from (json.loads(line) for line in body.iter_lines() if line)
