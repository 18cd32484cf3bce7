"""What the functions of the variant `own` need: memory and time of training, evaluating and recommending.

    python -m benchmarks.own.training [--sizes 74000x4182x1970000 ...] [--algorithm hybrid] [--memory-mb 3538]

Each size in a process of its own, from CSV files with ids of 36 characters, through the code of the functions
over files in S3's place, on as many processors as the memory comes with; `demographic` looks at a thousand
values of attributes. "train s" is of a run that learns the weights of a blend and, behind the comma, of one
that finds them kept, as all but one in `relearn_days` do. "table" is what `pipeline.own.needs` asks for;
"function s" is training and recommending for everybody, one shard after the other, with kept weights, in
seconds of processor time by the processors and as they passed; the price is that of the latter, an estimate.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.own.shop import bucket_of, trained, write
from costs.prices.catalogue import catalogue
from costs.prices.items import Item
from pipeline.lists.load import Shard
from pipeline.own import needs
from pipeline.own.recommend import Recommending, recommend_shard

SIZES = ("1000x1000x20000", "20000x4182x500000", "74000x4182x1970000", "20000x12000x500000")
RESULTS = 100
MB_PER_PROCESSOR = 1_769
_MB = 1 << 20
_LINE = "{:>22} {:>8} {:>8} {:>9} {:>9} {:>12} {:>8} {:>14} {:>10}"
_HEADER = ("users x items x events", "train s", "peak MB", "table MB", "model MB", "CPU us/user", "users/s",
           "function s", "dollars")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", nargs="+", default=SIZES, metavar="USERSxITEMSxEVENTS")
    parser.add_argument("--algorithm", default="hybrid")
    parser.add_argument("--memory-mb", type=int, default=3538, help="of the functions (default: %(default)s)")
    parser.add_argument("--in-process", metavar="FOLDER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_process:
        measure(Path(options.in_process), options.algorithm)
        return
    processors = max(1, round(options.memory_mb / MB_PER_PROCESSOR))
    cores = sorted(os.sched_getaffinity(0))[:processors]
    print(f"{options.memory_mb} MB: {processors} processors, {len(cores)} of them here")
    print(_LINE.format(*_HEADER))
    price = catalogue().price(Item.LAMBDA_GB_SECOND, "us-east-1").usd
    for size in options.sizes:
        users, items, events = map(int, size.split("x"))
        with tempfile.TemporaryDirectory() as temporary:
            write(Path(temporary), users, items, events)
            command = [sys.executable, "-m", __spec__.name, "--algorithm", options.algorithm]
            done = subprocess.run(
                [*command, "--in-process", temporary],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                preexec_fn=lambda: os.sched_setaffinity(0, cores),
            )
        found = json.loads(done.stdout.splitlines()[-1])
        passed = found["kept_seconds"] + users / found["rate"]
        busy = (found["train_cpu"] + users * found["user_us"] / 1e6) / len(cores)
        train = f"{found['seconds']:,.0f}, {found['kept_seconds']:,.0f}"
        columns = [train, *(f"{found[name]:,.0f}" for name in ("peak", "table", "model", "user_us", "rate"))]
        dollars = passed * options.memory_mb / 1024 * price
        print(_LINE.format(size, *columns, f"{busy:,.0f} / {passed:,.0f}", f"{dollars:.4f}"), flush=True)


def measure(folder: Path, algorithm: str) -> None:
    """Prints one line of JSON."""
    datasets = tuple(json.loads((folder / "datasets.json").read_text(encoding="utf-8")))
    started, cpu = time.monotonic(), time.process_time()
    trained(folder, algorithm)
    seconds = time.monotonic() - started
    started, cpu = time.monotonic(), time.process_time()
    model = trained(folder, algorithm)
    kept_seconds, train_cpu = time.monotonic() - started, time.process_time() - cpu
    users = sum(1 for _ in (folder / "own.jsonl").open(encoding="utf-8"))
    work = Recommending(
        use_case="shop",
        run="run",
        model_key=model["modelKey"],
        model_digest=model["modelDigest"],
        shard=Shard(own="own.jsonl", output="output.jsonl", users=users),
        results=RESULTS,
    )
    began, cpu = time.monotonic(), time.process_time()
    recommend_shard(bucket_of(folder), work, folder=folder / "kept")
    figures = {
        "seconds": seconds,
        "kept_seconds": kept_seconds,
        "train_cpu": train_cpu,
        "peak": _peak_mb(),
        "table": needs.Sizes.of(datasets).needed_mb(algorithm),
        "model": model["bytes"] / _MB,
        "user_us": (time.process_time() - cpu) / users * 1e6,
        "rate": users / (time.monotonic() - began),
        "metrics": model["metrics"],
    }
    print(json.dumps(figures))


def _peak_mb() -> float:
    """Of this process alone: getrusage would count the one that it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
