"""What the functions of the variant `own` need: memory and time of training, evaluating and recommending.

    python -m benchmarks.own_training [--sizes 74000x4182x1970000 ...] [--algorithm hybrid]

Each size in a process of its own, from CSV files with ids of 36 characters, through the code of the functions
over files in S3's place. The column "table" is what `pipeline.own.needs` asks for.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from botocore.response import StreamingBody

from engine.data.generated import generated
from pipeline.load import Shard
from pipeline.own import needs
from pipeline.own.recommend import Recommending, recommend_shard
from pipeline.own.train import Training, train_model
from pipeline.storage import Bucket

SIZES = ("1000x1000x20000", "20000x4182x500000", "74000x4182x1970000", "20000x12000x500000")
RESULTS, PER_SHARD = 100, 10_000
_MB = 1 << 20
_LINE = "{:>28} {:>8} {:>8} {:>9} {:>9} {:>8}"


class Folder:
    """What the functions call of S3, over files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        file = self.path / Key
        return {"Body": StreamingBody(file.open("rb"), file.stat().st_size)}

    def put_object(self, *, Bucket: str, Key: str, Body: Any, ContentType: str) -> None:
        file = self.path / Key
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as target:
            target.write(Body if isinstance(Body, bytes) else Body.read())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="USERSxITEMSxEVENTS")
    parser.add_argument("--algorithm", default="hybrid")
    parser.add_argument("--in-process", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_process:
        measure(Path(options.in_process), options.algorithm)
        return
    print(_LINE.format("users x items x events", "train s", "peak MB", "table MB", "model MB", "users/s"))
    for size in options.sizes:
        users, items, events = map(int, size.split("x"))
        with tempfile.TemporaryDirectory() as temporary:
            write(Path(temporary), users, items, events)
            command = [sys.executable, "-m", __spec__.name, "--algorithm", options.algorithm]
            done = subprocess.run(
                [*command, "--in-process", temporary], check=True, stdout=subprocess.PIPE, text=True
            )
        found = json.loads(done.stdout.splitlines()[-1])
        columns = [f"{found[name]:,.0f}" for name in ("seconds", "peak", "table", "model", "rate")]
        print(_LINE.format(size, *columns), flush=True)


def write(folder: Path, users: int, items: int, events: int) -> None:
    """Data sets, and the first shard of batch input, of everybody's newest items."""
    table = generated(users, items, events).interactions
    user_ids = [str(UUID(int=(1 << 100) + user * 7919)) for user in range(users)]
    item_ids = [str(UUID(int=(1 << 101) + item * 7919)) for item in range(items)]
    rows = zip(table.users.tolist(), table.items.tolist(), table.times.tolist(), strict=True)
    _lines(
        folder / "interactions.csv",
        "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP",
        (f"{user_ids[user]},{item_ids[item]},view,{moment}" for user, item, moment in rows),
    )
    _lines(folder / "users.csv", "USER_ID,AGE", (f"{id_},{20 + at % 60}" for at, id_ in enumerate(user_ids)))
    _lines(folder / "items.csv", "ITEM_ID,KIND", (f"{id_},kind{at % 40}" for at, id_ in enumerate(item_ids)))
    with (folder / "own.jsonl").open("w", encoding="utf-8") as file:
        for user in user_ids[:PER_SHARD]:
            file.write(json.dumps({"userId": user, "own": item_ids[:20]}) + "\n")
    sizes = {"rows": events, "users": users, "items": items}
    datasets = [
        {"dataset": name, "key": f"{name}.csv", **sizes, "rows": rows_}
        for name, rows_ in (("interactions", events), ("users", users), ("items", items))
    ]
    (folder / "datasets.json").write_text(json.dumps(datasets), encoding="utf-8")


def _lines(file: Path, header: str, rows: Any) -> None:
    with file.open("w", encoding="utf-8") as target:
        target.write(f"{header}\n")
        target.writelines(f"{row}\n" for row in rows)


def measure(folder: Path, algorithm: str) -> None:
    """Prints one line of JSON."""
    bucket = Bucket(Folder(folder), "bucket")
    datasets = tuple(json.loads((folder / "datasets.json").read_text(encoding="utf-8")))
    training = Training(
        use_case="shop", variant="own", run="run", datasets=datasets, algorithm=algorithm, seed=0
    )
    started = time.monotonic()
    trained = train_model(bucket, training, memory_mb=1 << 20)
    seconds, peak = time.monotonic() - started, _peak_mb()
    users = sum(1 for _ in (folder / "own.jsonl").open(encoding="utf-8"))
    work = Recommending(
        use_case="shop",
        run="run",
        model_key=trained["modelKey"],
        model_digest=trained["modelDigest"],
        shard=Shard(own="own.jsonl", output="output.jsonl", users=users),
        results=RESULTS,
    )
    began = time.monotonic()
    recommend_shard(bucket, work, folder=folder / "kept")
    figures = {
        "seconds": seconds,
        "peak": peak,
        "table": needs.Sizes.of(datasets).needed_mb(algorithm),
        "model": trained["bytes"] / _MB,
        "rate": users / (time.monotonic() - began),
        "metrics": trained["metrics"],
        "cores": len(os.sched_getaffinity(0)),
        "numpy": np.__version__,
    }
    print(json.dumps(figures))


def _peak_mb() -> float:
    """Of this process alone: getrusage would count the one that it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
