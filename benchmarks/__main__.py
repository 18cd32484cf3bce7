"""Every benchmark, one after the other; figures are printed, nothing is asserted."""

import argparse
import subprocess
import sys

ALL = (
    "extract",
    "engines.movielens",
    "engines.sizes",
    "personalize_import",
    "personalize_server",
    "personalize_speed",
    "personalize_growth",
    "personalize_fuzz",
    "personalize_kills",
    "personalize_faults",
    "notifications",
    "event_storm",
    "measuring",
    "comparing",
    "gateway",
    "own.training",
    "own.recommending",
    "own.realtime",
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ALL)} (default: all)")
    names = parser.parse_args().names
    if unknown := sorted({*names} - {*ALL}):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(ALL)}")
    for name in names or ALL:
        print(f"== benchmarks.{name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
