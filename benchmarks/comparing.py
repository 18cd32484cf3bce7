"""Two variants' lists of everybody held against each other, as the step does it: seconds and peak memory.

    python -m benchmarks.comparing [--people 180000] [--items 4182] [--events 4800000]

Lists of 100 items of which 50 count, ids of 36 characters, an earlier run whose next day is looked at.
Files are made by another process, so that the peak is the step's alone.
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks.own.shop import Folder
from pipeline.comparison.compare import compare_variants
from pipeline.comparison.request import Comparing, Listed, Thresholds
from pipeline.storage import Bucket
from pipeline.tracking.batch import LARGEST, packed
from pipeline.tracking.event import Event

EARLIER, RUN, DAY = "20261125T060000000", "20261127T060000000", "2026-11-26"
MIDNIGHT = 1_795_651_200
"""Of the day after the earlier run."""
PER_SHARD, RESULTS, LIMIT, OWN = 10_000, 100, 50, 20
VARIANTS = ("personalize", "own")
_STEPS = (1, 5, 7, 11, 13, 19, 23, 29)
"""Without a divisor in common with the usual number of items."""
_LINE = '{"input":{"userId":"%s"},"output":{"recommendedItems":["%s"],"scores":[%s]},"error":null}\n'
THRESHOLDS = Thresholds(
    significance=0.05, least_people=100, relative_change=0.05, share_change=0.001, short_share=0.01,
    empty_share=0.001, leaked_share=0.001, least_personalisation=0.05, light_from=5, heavy_from=50,
)  # fmt: skip


class Listing(Folder):
    """Lists folders besides. Its settings say that there is a proxy: everything goes the ordinary way."""

    meta = SimpleNamespace(config=SimpleNamespace(proxies={"http": "here"}), endpoint_url="http://here")

    def get_paginator(self, name: str) -> Any:
        return self

    def paginate(self, *, Bucket: str, Prefix: str, Delimiter: str = "", **_: Any) -> Any:
        folder = self.path / Prefix
        found = sorted(folder.iterdir()) if folder.is_dir() else []
        if Delimiter:
            return [{"CommonPrefixes": [{"Prefix": f"{Prefix}{one.name}/"} for one in found]}]
        sizes = [{"Key": f"{Prefix}{one.name}", "Size": one.stat().st_size, "ETag": ""} for one in found]
        return [{"Contents": sizes}]


def write(path: Path, people: int, items: int, events: int, tracked: int) -> None:
    """Everything that the step reads."""
    dice = np.random.default_rng(1)
    who = [str(UUID(int=(1 << 100) + number * 7919)) for number in range(people)]
    what = [str(UUID(int=(1 << 101) + number * 7919)) for number in range(items)]
    chances = 1 / np.arange(1, items + 1) ** 0.7
    chances /= chances.sum()
    for run in (EARLIER, RUN):
        _lists(path / "batch" / run, dice, who, what)
    _interactions(path, dice, who, what, chances, events)
    (path / "items.csv").write_text("ITEM_ID\n" + "".join(f"{item}\n" for item in what), encoding="utf-8")
    earlier = {"format": 1, "run": EARLIER, "sources": [_source(variant, EARLIER) for variant in VARIANTS]}
    where = path / f"comparisons/shop/{EARLIER}"
    where.mkdir(parents=True)
    (where / f"{'-'.join(VARIANTS)}.json").write_text(json.dumps(earlier), encoding="utf-8")
    where = path / f"events/use_case=shop/date={DAY}"
    where.mkdir(parents=True)
    for number in range(tracked // LARGEST):
        places = zip(
            dice.integers(0, people, LARGEST).tolist(), dice.choice(items, LARGEST, p=chances), strict=True
        )
        batch = [_event(who[person], what[item], n) for n, (person, item) in enumerate(places)]
        (where / f"{number:08d}.jsonl.gz").write_bytes(packed(batch))


def _lists(folder: Path, dice: Any, who: list[str], what: list[str]) -> None:
    folder.mkdir(parents=True)
    shards = []
    scores = ",".join(str(round(0.9 - place / 200, 7)) for place in range(RESULTS))
    for number, start in enumerate(range(0, len(who), PER_SHARD)):
        some = who[start : start + PER_SHARD]
        with (folder / f"own-{number}.jsonl").open("w", encoding="utf-8") as file:
            for person in some:
                own = [what[item] for item in dice.integers(0, len(what), OWN).tolist()]
                file.write(json.dumps({"userId": person, "own": own}) + "\n")
        for variant in VARIANTS:
            target = folder / variant / f"{number}.out"
            target.parent.mkdir(exist_ok=True)
            with target.open("w", encoding="utf-8") as file:
                for place, person in enumerate(some, start):
                    listed = '","'.join(what[item] for item in _list(place, variant, len(what)))
                    file.write(_LINE % (person, listed, scores))
        key = f"batch/{folder.name}"
        shards.append(
            {"own": f"{key}/own-{number}.jsonl", "output": f"{key}/{number}.out", "users": len(some)}
        )
    (folder / "shards.json").write_text(json.dumps(shards), encoding="utf-8")


def _list(person: int, variant: str, items: int) -> list[int]:
    """Different items; the second variant has every other one of the first one's, and as many others."""
    begin, step = person * 7919 % items, _STEPS[person % len(_STEPS)]
    places = range(RESULTS) if variant == VARIANTS[0] else range(0, 2 * RESULTS, 2)
    return [(begin + step * place) % items for place in places]


def _interactions(path: Path, dice: Any, who: list[str], what: list[str], chances: Any, events: int) -> None:
    with (path / "interactions.csv").open("w", encoding="utf-8") as file:
        file.write("USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n")
        for start in range(0, events, 100_000):
            size = min(100_000, events - start)
            people = np.minimum(dice.exponential(len(who) / 4, size).astype(np.int64), len(who) - 1)
            rows = zip(
                people.tolist(),
                dice.choice(len(what), size, p=chances).tolist(),
                (MIDNIGHT + 90_000 - dice.integers(0, 100 * 86_400, size)).tolist(),
                strict=True,
            )
            file.writelines(f"{who[person]},{what[item]},view,{moment}\n" for person, item, moment in rows)


def _event(person: str, item: str, number: int) -> Event:
    return Event(
        event_id=f"{person}-{number}", use_case="shop", type="impression" if number % 10 else "view",
        item_id=item, timestamp=MIDNIGHT + number, received_at=MIDNIGHT + number, source="batch",
        variant=VARIANTS[0], user_id=person,
    )  # fmt: skip


def _source(variant: str, run: str) -> dict[str, str]:
    folder = f"batch/{run}"
    return {"variant": variant, "shardsKey": f"{folder}/shards.json", "outputFolder": f"{folder}/{variant}/"}


def compare(path: Path) -> None:
    listed = [
        Listed(variant=v, shards_key=s["shardsKey"], output_folder=s["outputFolder"])
        for v in VARIANTS
        for s in (_source(v, RUN),)
    ]
    asked = Comparing(
        use_case="shop",
        run=RUN,
        limit=LIMIT,
        variants=tuple(listed),
        datasets=(
            {"dataset": "interactions", "key": "interactions.csv"},
            {"dataset": "items", "key": "items.csv"},
        ),
        thresholds=THRESHOLDS,
    )
    before, began = time.process_time(), time.perf_counter()
    print(f"before: {_peak():.0f} MB", flush=True)
    [found] = compare_variants(Bucket(Listing(path), "bucket"), asked, np.random.default_rng(0))
    spent, passed = time.process_time() - before, time.perf_counter() - began
    print(
        f"{found['people']:,} people x {LIMIT} of {found['items']:,} items, two variants and an earlier run:"
    )
    print(f"{spent:.0f} s of processor time ({passed:.0f} s), peak memory {_peak():.0f} MB")
    print(
        f"overlap@10 {found['segments']['everybody']['agreement']['overlap@10']:.4f}, {found['summary'][:90]}"
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--people", type=int, default=180_000)
    parser.add_argument("--items", type=int, default=4_182)
    parser.add_argument("--events", type=int, default=4_800_000)
    parser.add_argument("--tracked", type=int, default=500_000, help="events of the day")
    parser.add_argument("--folder", type=Path, help="keeps the files there, and takes them if they are there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = asked.folder or Path(temporary)
        if not (path / "items.csv").exists():
            given = (path, asked.people, asked.items, asked.events, asked.tracked)
            _apart(write, *given)
        _apart(compare, path)


def _apart(work: Any, *given: Any) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)


if __name__ == "__main__":
    main()
