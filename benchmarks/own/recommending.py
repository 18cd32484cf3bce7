"""Lists for everybody: how much sooner than one `json.dumps` per list, which writes the same.

    python -m benchmarks.own.recommending [--size 20000x4182x500000] [--algorithm ease] [--rounds 3]

Processor time of one shard by the function and by the plain way, in turns; a busy machine leaves the ratio.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import engine
from benchmarks.own.shop import bucket_of, trained, write
from pipeline.lists.load import Shard
from pipeline.own.recommend import Recommending, recommend_shard

RESULTS, PER_BLOCK = 100, 2_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", default="20000x4182x500000", metavar="USERSxITEMSxEVENTS")
    parser.add_argument("--algorithm", default="ease")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(folder, *map(int, options.size.split("x")))
        compare(folder, options.algorithm, options.rounds)


def compare(folder: Path, algorithm: str, rounds: int) -> None:
    model = trained(folder, algorithm)
    users = sum(1 for _ in (folder / "own.jsonl").open(encoding="utf-8"))
    work = Recommending(
        use_case="shop",
        run="run",
        model_key=model["modelKey"],
        model_digest=model["modelDigest"],
        shard=Shard(own="own.jsonl", output="output.jsonl", users=users),
        results=RESULTS,
    )
    recommend_shard(bucket_of(folder), work, folder=folder / "kept")  # reads the model
    loaded = engine.load(folder / model["modelKey"])
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: _plain(loaded, folder),
        "function": lambda: recommend_shard(bucket_of(folder), work, folder=folder / "kept"),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.process_time()
            way()
            spent[name].append((time.process_time() - began) / users * 1e6)
    for name, times in spent.items():
        print(f"{name}: {statistics.median(times):,.0f} us of processor time per user")
    ratio = statistics.median(spent["plain"]) / statistics.median(spent["function"])
    same = (folder / "output.jsonl").read_bytes() == (folder / "plain.jsonl").read_bytes()
    print(f"ratio {ratio:.2f}; the same bytes: {'yes' if same else 'NO'}")


def _plain(model: engine.Model, folder: Path) -> None:
    with (folder / "plain.jsonl").open("wb") as output:
        lines = [json.loads(line) for line in (folder / "own.jsonl").open("rb")]
        for start in range(0, len(lines), PER_BLOCK):
            block = lines[start : start + PER_BLOCK]
            users, own = [line["userId"] for line in block], [line["own"] for line in block]
            for user, found in zip(
                users, model.recommend(users, RESULTS, exclude=own, exclude_seen=False), strict=True
            ):
                scores = [float(f"{score:.7g}") for score in found.scores]
                listed = {"recommendedItems": found.item_ids, "scores": scores}
                line = {"input": {"userId": user}, "output": listed, "error": None}
                output.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    main()
