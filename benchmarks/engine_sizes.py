"""The engine at three sizes, with plain library calls beside it: python -m benchmarks.engine_sizes."""

import argparse

from engine.cli import benchmark

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", help="1, 2, 3 (default: all)")
    parser.add_argument("--hybrid-only", action="store_true", help="leave out the table of single algorithms")
    options = parser.parse_args()
    for name in options.sizes or SIZES:
        print(benchmark.whole_hybrid(SIZES[name], TARGETS[name] | NEW_EVENT), end="\n\n", flush=True)
    if not options.hybrid_only:
        print(benchmark.each_algorithm(SIZES["1"], TRAIN))


if __name__ == "__main__":
    main()
