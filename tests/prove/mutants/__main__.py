"""A seeded sample of mutations over rooms of code, tried with the tests that run their lines.

Needs `coverage` besides what the tests need: python -m pip install coverage. Takes minutes to hours.
"""

import argparse
import math
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from tests.prove.mutants.mutations import Mutation, mutations
from tests.prove.mutants.selection import tests_by_line
from tests.prove.mutants.trying import Tried, tried

ROOT = Path(__file__).parents[3]
SOURCES = ("lambda_src/pipeline", "config/rules", "engine/evaluation")
TESTS = ("tests/app/unit", "tests/engine")
_INSTALLED = (".venv", "node_modules", ".layers")


def main(arguments: Sequence[str]) -> int:
    """0 if at least the wished share is noticed, else 1."""
    options = _parser().parse_args(arguments)
    sample = _sample(options.source, options.number, options.seed)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [_copy(Path(folder) / str(number)) for number in range(options.jobs)]
        print(f"{len(sample)} mutations; first every test once, with coverage", flush=True)
        known = tests_by_line(copies[0], tuple(options.source), tuple(options.tests))
        free: Queue[Path] = Queue()
        for copy in copies:
            free.put(copy)

        def attempt(mutation: Mutation) -> Tried:
            copy = free.get()
            try:
                last = mutation.line + mutation.before.count("\n")
                tests = known.of(mutation.path, mutation.line, last)
                return tried(copy, mutation, tests, seconds=options.seconds)
            finally:
                free.put(copy)

        fates: Counter[str] = Counter()
        noticed = 0
        with ThreadPoolExecutor(max_workers=options.jobs) as threads:
            for number, result in enumerate(threads.map(attempt, sample), start=1):
                fates[result.fate] += 1
                noticed += result.fate.noticed
                if not result.fate.noticed:
                    print(f"{result.fate}: {result.mutation} ({result.tests} tests)", flush=True)
                elif number % 25 == 0:
                    print(f"{number} of {len(sample)}: {dict(fates)}", flush=True)
    low, high = wilson(noticed, len(sample))
    print(f"noticed {noticed} of {len(sample)}: {noticed / len(sample):.1%} (95 %: {low:.1%} to {high:.1%})")
    return 0 if noticed >= options.share * len(sample) else 1


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share (E. B. Wilson, 1927); z: of the normal distribution."""
    share, square = successes / trials, z * z / trials
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / trials + square / trials / 4)
    return middle - half, middle + half


def _sample(sources: Sequence[str], number: int, seed: int) -> list[Mutation]:
    files = sorted(path for source in sources for path in (ROOT / source).rglob("*.py"))
    every = [
        Mutation(each.path.relative_to(ROOT), each.start, each.end, each.line, each.before, each.after)
        for path in files
        for each in mutations(path)
    ]
    chosen = random.Random(seed).sample(every, min(number, len(every)))
    print(f"{len(every)} possible mutations in {len(files)} files", flush=True)
    return sorted(chosen)


def _copy(folder: Path) -> Path:
    """What git knows of the checkout as it lies there, and links to what is installed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    for name in _INSTALLED:
        if (ROOT / name).exists():
            (folder / name).symlink_to((ROOT / name).resolve())
    return folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.prove.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", nargs="*", default=SOURCES, help="folders (default: %(default)s)")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="folders of tests (default: %(default)s)")
    parser.add_argument("--number", type=int, default=300, help="of mutations (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="side by side (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=300, help="at most for one (default: %(default)s)")
    parser.add_argument("--share", type=float, default=0.85, help="to be noticed (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
