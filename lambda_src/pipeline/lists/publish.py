"""Makes a complete generation the one that readers see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from pipeline import keys
from pipeline.catalogue import store_catalogue
from pipeline.errors import GenerationIncomplete, InvalidInput
from pipeline.generations import Generations, Pointer
from pipeline.lists.caps import Cap, Capping
from pipeline.storage import Bucket
from pipeline.times import iso, run_time

DAY = 86_400


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What the load counted; `minimum_share` of the audience (0..1) has to have a list.

    trimmed: lists that had no room for all of their items. write_units: of the table; None: one a list.
    """

    audience: int
    loaded: int
    errors: int
    minimum_share: float
    trimmed: int = 0
    write_units: int | None = None


class Used(TypedDict):
    """What a run took of what is paid for. rows: extracted. writeUnits: of the serving table, in this region.
    seconds: from its beginning to its publication; None, if its name says none.
    """

    people: int
    rows: int
    writeUnits: int
    extractSeconds: float
    seconds: float | None


def used(generation: str, loaded: Loaded, datasets: Sequence[Mapping[str, Any]], now: float) -> Used:
    """datasets: as extract_dataset answers them. now: seconds since 1970."""
    try:
        seconds = round(now - run_time(generation).timestamp(), 3)
    except InvalidInput:
        seconds = None
    return {
        "people": loaded.audience,
        "rows": sum(int(one.get("rows") or 0) for one in datasets),
        "writeUnits": loaded.loaded if loaded.write_units is None else loaded.write_units,
        "extractSeconds": round(sum(float(one.get("seconds") or 0) for one in datasets), 3),
        "seconds": seconds,
    }


def publish_generation(
    bucket: Bucket,
    generations: Generations,
    generation: str,
    loaded: Loaded,
    *,
    popular_key: str,
    generation_days: int,
    record: dict[str, Any],
    catalogue_key: str | None = None,
    caps: Sequence[Cap] = (),
    values_key: str | None = None,
) -> Pointer:
    """Stores the lists for all, moves the pointer, records the run as the last good one; in this order.

    catalogue_key: of the items dataset, where the use case has a directory. caps: of the list of what is
    popular; values_key: of what they go by. Repeating it changes nothing.
    Raises: CatalogueTooLarge, Fenced, GenerationIncomplete, GenerationSuperseded, InvalidInput,
    ObjectMissing, StorageFailed, UnknownFormat.
    """
    needed = loaded.audience * loaded.minimum_share
    if loaded.loaded < needed or not loaded.loaded:
        raise GenerationIncomplete(
            f"{loaded.loaded:,} of {loaded.audience:,} users have a list ({loaded.errors:,} error lines), "
            f"at least {loaded.minimum_share:.1%} are needed"
        )
    popular = bucket.read_json(popular_key)
    if popular is None:
        raise GenerationIncomplete(f"there is no popular list at {bucket.url(popular_key)}")
    if capping := Capping.read(bucket, caps, values_key):
        popular = capping.best(popular, len(popular))
    now = generations.clock()
    expires = int(now) + generation_days * DAY
    if catalogue_key:
        store_catalogue(bucket, generations, generation, catalogue_key, expires=expires)
    generations.store(generation, popular, users=loaded.loaded, expires=expires)
    pointer = generations.publish(generation, users=loaded.loaded)
    last_good = {
        "generation": generation,
        "publishedAt": iso(now),
        "generationDays": generation_days,
        "audience": loaded.audience,
        "loaded": loaded.loaded,
        "errors": loaded.errors,
        "trimmed": loaded.trimmed,
        **record,
        "used": used(generation, loaded, record.get("datasets") or (), now),
    }
    bucket.write_json(keys.last_good(generations.use_case, generations.variant), last_good)
    return pointer
