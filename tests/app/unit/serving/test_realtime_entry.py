"""The entry of real time gets by with NumPy, and the small one without it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
PATHS = [str(ROOT), str(ROOT / "lambda_src")]
TRAINING = ("scipy", "implicit", "threadpoolctl", "tqdm")


def imported(entry: str) -> set[str]:
    """Of engine and NumPy, by an entry in a process that lacks what trains."""
    script = f"""
import sys
sys.path[:0] = {PATHS!r}
sys.modules |= dict.fromkeys({TRAINING!r})
import {entry}
print(*{{"engine", "numpy"}} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env={"STAGE": "test"}, check=True, stdout=subprocess.PIPE, text=True
    )
    return set(done.stdout.split())


def test_answering_by_a_stored_model_needs_nothing_that_trains() -> None:
    assert imported("api.realtime") == {"engine", "numpy"}


def test_the_other_endpoints_keep_their_small_function() -> None:
    assert imported("api.recommendations") == set()
