"""The workers of a test run agree on its tests: names hold no clock, no hash order, no random number."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLLECT = [sys.executable, "-m", "pytest", "--collect-only", "--quiet"]


def collecting(seed: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.Popen(
        COLLECT,
        cwd=ROOT,
        env=environment | {"PYTHONHASHSEED": seed},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def names(process: subprocess.Popen[str]) -> list[str]:
    written, _ = process.communicate(timeout=240)
    assert process.returncode == 0, written
    return [line for line in written.splitlines() if "::" in line]


def test_tests_have_the_same_names_a_second_later_and_with_another_hash_seed() -> None:
    first = collecting("1")
    time.sleep(1.1)
    second = collecting("2")

    tests = names(first)

    assert tests == names(second)
    assert len(tests) > 2000
