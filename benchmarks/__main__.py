"""Every benchmark, one after the other; figures are printed, nothing is asserted."""

import subprocess
import sys

ALL = (
    "extract",
    "engines.movielens",
    "engines.sizes",
    "personalize_import",
    "personalize_server",
    "personalize_fuzz",
    "personalize_kills",
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
    for name in ALL:
        print(f"== benchmarks.{name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
