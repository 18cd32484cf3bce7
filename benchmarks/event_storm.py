"""20,000 events while consumer and stores are killed and throttled: is any lost, is any counted twice?

python -m benchmarks.event_storm [--events 20000] [--seed 0]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import fields
from pathlib import Path

from tests.app.support.event_storm.audit import Findings
from tests.app.support.event_storm.storm import Toll, brewing


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="event-storm-") as folder,
        brewing(Path(folder), seed=asked.seed) as storm,
    ):
        started = time.monotonic()
        storm.rage(asked.events, calm_after=0.9)
        raged = time.monotonic() - started
        storm.settle(seconds=600)
        seconds = time.monotonic() - started
        found = storm.check()
    print(
        f"{asked.events:,} events in {seconds:.0f} s, {raged:.0f} of them in the storm; seed {asked.seed}\n"
    )
    report(storm.toll, found)
    return 1 if found.wrong else 0


def report(toll: Toll, found: Findings) -> None:
    print("| what was done | times |\n|---|---|")
    for entry in fields(toll):
        if entry.name != "proxy":
            print(f"| {entry.name.replace('_', ' ')} | {getattr(toll, entry.name):,} |")
    for what, count in sorted(toll.proxy.items()):
        print(f"| requests to table and bucket: {what} | {count:,} |")
    print(f"\n| of {found.acknowledged:,} acknowledged events | lost | twice | unknown |\n|---|---|---|---|")
    for place in found.missing:
        twice, unknown = found.repeated[place], found.unknown.get(place, 0)
        print(f"| {place} | {found.missing[place]:,} | {twice:,} | {unknown:,} |")
    print(f"\nwrong altogether: {found.wrong:,}")


if __name__ == "__main__":
    sys.exit(main())
