"""kill -9 of the Personalize server under load, again and again: is anything lost that was acknowledged?"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.personalize_server.support.storm import Storm
from tests.personalize_server.support.storm_ledger import Findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--option", action="append", default=[], help="one more option of the server")
    asked = parser.parse_args()
    rng, started = random.Random(asked.seed), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        storm = Storm(Path(folder), asked.seed, tuple(asked.option))
        try:
            for kill in range(1, asked.kills + 1):
                storm.round(rng.uniform(0.2, 3.0))
                print(
                    f"\rkill {kill}: {len(storm.findings.wrong)} wrong", end="", file=sys.stderr, flush=True
                )
            storm.still()
        finally:
            storm.close()
    print(f"\n{asked.kills} kills in {time.monotonic() - started:.0f} s, seed {asked.seed}")
    report(storm.findings)
    return 1 if storm.findings.wrong else 0


def report(found: Findings) -> None:
    print("| acknowledged before a kill | |\n|---|---|")
    for what, count in sorted(found.acknowledged.items()):
        print(f"| {what} | {count} |")
    print("\n| checked after the restarts | |\n|---|---|")
    for what, count in sorted(found.checked.items()):
        print(f"| {what} | {count} |")
    print("\n| jobs that were under way | |\n|---|---|")
    for what, count in sorted(found.jobs.items()):
        print(f"| {what} | {count} |")
    median, most = statistics.median(found.restarts), max(found.restarts)
    print(f"\nstart to ready: median {median:.2f} s, at most {most:.2f} s")
    print(f"lost or wrong: {len(found.wrong)}")
    for text in found.wrong[:20]:
        print("  ", text[:500])


if __name__ == "__main__":
    sys.exit(main())
