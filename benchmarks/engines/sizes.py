"""The engine at three sizes, with plain library calls beside it: python -m benchmarks.engines.sizes.

    python -m benchmarks.engines.sizes --catalogue 40000x54542x500000 500000x100000x5000000

trains single members on large catalogues of generated data instead, each in a process of its own: seconds of
processor time, the peak of memory, one person's list, and by which power of the events time grows from one
size to the next.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from typing import Any

from engine.cli import benchmark
from engine.data.generated import generated
from engine.evaluation.report import aligned
from engine.fitting import configs
from engine.fitting.fit import fit

SIZES = {
    "1": benchmark.Size(74_000, 4_182, 1_970_000),
    "2": benchmark.Size(180_483, 4_182, 4_800_000),
    "3": benchmark.Size(740_000, 4_182, 19_700_000),
}
TARGETS = {
    "1": {"total of the four": 8, "peak MB": 800, "single user, filters on, p99 ms": 1},
    "2": {"total of the four": 22, "peak MB": 1_000},
    "3": {"total of the four": 100, "peak MB": 1_600},
}
NEW_EVENT = {"new event to new list, p99 ms": 1.0}
TRAIN = {"svd": 1, "item-neighbours": 2, "user-neighbours": 2, "content": 1, "ials": 4}
MEMBERS = ("item-neighbours", "transitions", "next-item", "content", "svd", "ials")
CALLS = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sizes", nargs="*", help="1, 2, 3 (default: all)")
    parser.add_argument("--hybrid-only", action="store_true", help="leave out the table of single algorithms")
    parser.add_argument("--catalogue", nargs="+", metavar="USERSxITEMSxEVENTS")
    parser.add_argument("--members", nargs="+", choices=MEMBERS, default=MEMBERS)
    parser.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.in_process:
        print(json.dumps(_alone(options.catalogue[0], options.members[0])))
        return
    if options.catalogue:
        print(catalogue(options.catalogue, options.members))
        return
    for name in options.sizes or SIZES:
        print(benchmark.whole_hybrid(SIZES[name], TARGETS[name] | NEW_EVENT), end="\n\n", flush=True)
    if not options.hybrid_only:
        print(benchmark.each_algorithm(SIZES["1"], TRAIN))


def catalogue(sizes: list[str], members: list[str]) -> str:
    rows = [["member", "users x items x events", "train CPU s", "peak MB", "list p50 ms", "p99 ms", "power"]]
    for member in members:
        before: dict[str, Any] = {}
        for size in sizes:
            command = [sys.executable, "-m", "benchmarks.engines.sizes", "--in-process"]
            done = subprocess.run(
                [*command, "--catalogue", size, "--members", member],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            found = json.loads(done.stdout.splitlines()[-1])
            power = "-"
            if before:
                grown = math.log(found["train"] / before["train"]) / math.log(
                    found["events"] / before["events"]
                )
                power = f"{grown:.2f}"
            figures = [
                f"{found['train']:.2f}",
                f"{found['peak']:,.0f}",
                *(f"{ms:.2f}" for ms in found["list"]),
            ]
            rows.append([member, size, *figures, power])
            before = found
    return aligned(rows)


def _alone(size: str, member: str) -> dict[str, Any]:
    """Pairs are distinct already: what is measured is the member's own training."""
    users, items, events = map(int, size.split("x"))
    data = generated(users, items, events).distinct()
    _ = data.x, data.memory
    began = time.process_time()
    model = fit(data, configs.default(member))
    train = time.process_time() - began
    times = []
    for user in data.interactions.user_ids[:: max(users // CALLS, 1)].tolist():
        asked = time.perf_counter()
        model.recommend([user], 25)
        times.append((time.perf_counter() - asked) * 1e3)
    times.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lists = [times[len(times) // 2], times[int(len(times) * 0.99)]]
    return {"train": train, "events": events, "peak": peak, "list": lists}


if __name__ == "__main__":
    main()
