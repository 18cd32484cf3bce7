"""Faults of disk, clock and processes again and again: lists are an undamaged twin's, or a named error."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.personalize_server.support.fault_kinds import KINDS, can_mount
from tests.personalize_server.support.faults import Twins

_SHOWN = 10
"""texts of what was wrong, of each kind"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", action="append", choices=list(KINDS), help="one of them (default: all)")
    asked = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        twins = Twins(Path(folder), asked.seed)
        for kind in asked.kind or KINDS:
            if kind == "disk full" and not can_mount():
                print(f"{kind}: left out, as no disk may be mounted here")
                continue
            for number in range(1, asked.rounds + 1):
                twins.round(kind, KINDS[kind])
                count = len(twins.found[kind].wrong)
                print(f"\r{kind} {number}: {count} wrong", end="", file=sys.stderr, flush=True)
    print(f"\nseed {asked.seed}, {time.monotonic() - started:.0f} s")
    print(
        "| fault | times | lists equal | named errors | starts refused | wrong |\n|---|---|---|---|---|---|"
    )
    for kind, found in twins.found.items():
        equal, named = found.lists["equal"], found.lists["named errors"]
        print(f"| {kind} | {found.rounds} | {equal} | {named} | {found.refused} | {len(found.wrong)} |")
    for found in twins.found.values():
        for text in found.wrong[:_SHOWN]:
            print("  ", text[:500])
    return int(any(found.wrong for found in twins.found.values()))


if __name__ == "__main__":
    sys.exit(main())
