"""The engine at three sizes, with plain library calls beside it: python -m benchmarks.engines.sizes.

    python -m benchmarks.engines.sizes --catalogue 40000x54542x500000 500000x100000x5000000

trains single members on large catalogues of generated data instead, and a hybrid part by part, each in a
process of its own: seconds of processor time and of the clock, by which power of the events processor time
grows from one size to the next, the peak of memory so far (of the data generated, too), and one person's
list. Rows are printed on standard error as they come.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from engine.cli import benchmark
from engine.data.generated import generated
from engine.evaluation.report import aligned
from engine.fitting import algorithms, configs, hybrid
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig

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
HYBRID = "hybrid"
MEMBERS = ("item-neighbours", "transitions", "next-item", "content", "svd", "ials", HYBRID)
CALLS, WARM = 220, 20


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
    """A row per member and size; of the hybrid one for each part."""
    rows = [
        ["member", "users x items x events", "CPU s", "wall s", "power", "peak MB", "list p50 ms", "p99 ms"]
    ]
    for member in members:
        before: dict[str, dict[str, Any]] = {}
        for size in sizes:
            command = [sys.executable, "-m", "benchmarks.engines.sizes", "--in-process"]
            done = subprocess.run(
                [*command, "--catalogue", size, "--members", member],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            for found in json.loads(done.stdout.splitlines()[-1]):
                rows.append(_row(size, found, before.get(found["part"])))
                print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
                before[found["part"]] = found
    return aligned(rows)


def _row(size: str, found: dict[str, Any], before: dict[str, Any] | None) -> list[str]:
    power = "-"
    if before is not None:
        grown = math.log(found["events"] / before["events"])
        power = f"{math.log(max(found['cpu'], 1e-3) / max(before['cpu'], 1e-3)) / grown:.2f}"
    lists = [f"{ms:.2f}" for ms in found["list"]] or ["-", "-"]
    figures = [f"{found['cpu']:.2f}", f"{found['wall']:.1f}", power, f"{found['peak']:,.0f}", *lists]
    return [found["part"], size, *figures]


def _alone(size: str, member: str) -> list[dict[str, Any]]:
    """Of single members, training from distinct pairs; of the hybrid all that comes before as well."""
    users, items, events = map(int, size.split("x"))
    parts = _Parts(events)
    data = generated(users, items, events)
    if member != HYBRID:
        data = data.distinct()
        _ = data.x, data.memory
        model = parts.timed(member, lambda: fit(data, configs.default(member)))
    else:
        data = parts.timed("hybrid: distinct pairs", data.distinct)
        config = parts.timed("hybrid: weights", lambda: hybrid.learn(data, HybridConfig()))
        model = parts.timed("hybrid: training", lambda: fit(data, config))
        if (used := {algorithms.name_of(one) for one in config.members}) != set(MEMBERS) - {HYBRID}:
            print("members in use:", ", ".join(sorted(used)), file=sys.stderr)
    times = []
    for user in data.interactions.user_ids[:: max(users // CALLS, 1)].tolist():
        asked = time.perf_counter()
        model.recommend([user], 25)
        times.append((time.perf_counter() - asked) * 1e3)
    times = sorted(times[WARM:])
    parts.found[-1]["list"] = [times[len(times) // 2], times[int(len(times) * 0.99)]]
    return parts.found


class _Parts:
    def __init__(self, events: int) -> None:
        self._events = events
        self.found: list[dict[str, Any]] = []

    def timed(self, part: str, work: Callable[[], Any]) -> Any:
        cpu, wall = time.process_time(), time.perf_counter()
        result = work()
        spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.found.append({"part": part, "events": self._events, **spent, "peak": peak, "list": []})
        return result


if __name__ == "__main__":
    main()
