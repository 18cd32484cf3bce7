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
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Queue

from tests.prove.mutants.equivalent import Equivalent
from tests.prove.mutants.mutations import Mutation, mutations
from tests.prove.mutants.results import Results, score
from tests.prove.mutants.selection import Tests, tests_by_line
from tests.prove.mutants.trying import Checkout, Tried

ROOT = Path(__file__).parents[3]
SOURCES = ("lambda_src/pipeline", "config/rules", "engine/evaluation")
_UNITS = sorted({file.parent.name for file in ROOT.glob("tests/app/unit/*/test_*.py")})
TESTS = (*(f"tests/app/unit/{room}" for room in _UNITS), "tests/engine")
_LISTED = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
_INSTALLED = (".venv", "node_modules", ".layers")


def main(arguments: Sequence[str]) -> int:
    """0 if at least the wished share is noticed, else 1."""
    options = _parser().parse_args(arguments)
    every = _possible(options.source)
    equivalent = Equivalent(ROOT)
    sample = _named(every, options.only) if options.only else _sample(every, options.number, options.seed)
    part = sample[options.first - 1 : options.last]
    until = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        kept = options.keep or Path(folder) / "kept"
        copies = [_copy(Path(folder) / str(number)) for number in range(options.jobs)]
        print(f"{len(part)} mutations; first every test once, with coverage", flush=True)
        known = tests_by_line(
            copies[0], options.source, options.tests, kept, lambda: time.monotonic() < until
        )
        results = Results(kept / "results.jsonl")
        if not options.only:
            results.read(part)
        if known is not None:
            _try(part, copies, known, results, options, until)
    return _told(
        [result for each in part if (result := results.of(each))], len(part), equivalent, options.share
    )


def _try(
    part: Sequence[Mutation],
    copies: Sequence[Path],
    known: Tests,
    results: Results,
    options: argparse.Namespace,
    until: float,
) -> None:
    """Those without a result yet, as long as there is time."""
    free: Queue[Checkout] = Queue()

    def tests_of(mutation: Mutation) -> frozenset[str]:
        return known.of(mutation.path, mutation.line, mutation.line + mutation.before.count("\n"))

    def attempt(mutation: Mutation) -> Tried | None:
        if time.monotonic() >= until:
            return None
        checkout = free.get()
        try:
            return checkout.tried(mutation, tests_of(mutation), seconds=options.seconds)
        finally:
            free.put(checkout)

    remaining = [each for each in part if not results.of(each)]
    with ExitStack() as stack, ThreadPoolExecutor(max_workers=len(copies)) as threads:
        for copy in copies:
            checkout = stack.enter_context(Checkout(copy))
            checkout.check(tests_of(remaining[0]) if remaining else frozenset(), seconds=options.seconds)
            free.put(checkout)
        for number, result in enumerate(threads.map(attempt, remaining), start=1):
            if result is None:
                break
            results.add(result)
            if not result.fate.noticed or options.only:
                print(f"{result.fate}: {result.mutation} ({result.tests} tests)", flush=True)
            elif number % 25 == 0:
                print(f"{number} of {len(remaining)}", flush=True)


def _told(tries: Sequence[Tried], of: int, equivalent: Equivalent, share: float) -> int:
    noticed = [each for each in tries if each.fate.noticed]
    seen = [each for each in tries if each.fate.noticed or each.mutation not in equivalent]
    for fate, number in Counter(each.fate for each in tries).items():
        print(f"{fate}: {number}")
    if len(tries) < of:
        print(f"the time is up, with {of - len(tries)} left")
    if tries:
        print(f"noticed {score(len(noticed), len(tries))}")
    if seen and len(seen) < len(tries):
        print(f"without {len(tries) - len(seen)} listed as equivalent: {score(len(noticed), len(seen))}")
    return 0 if len(tries) == of and len(noticed) >= share * of else 1


def _possible(sources: Sequence[str]) -> list[Mutation]:
    files = sorted(path for source in sources for path in (ROOT / source).rglob("*.py"))
    every = [
        Mutation(each.path.relative_to(ROOT), each.start, each.end, each.line, each.before, each.after)
        for path in files
        for each in mutations(path)
    ]
    print(f"{len(every)} possible mutations in {len(files)} files", flush=True)
    return every


def _sample(every: Sequence[Mutation], number: int, seed: int) -> list[Mutation]:
    return sorted(random.Random(seed).sample(every, min(number, len(every))))


def _named(every: Sequence[Mutation], places: Sequence[str]) -> list[Mutation]:
    chosen = []
    for place in places:
        path, _, line = place.partition(":")
        found = [each for each in every if str(each.path) == path and line in ("", str(each.line))]
        if not found:
            raise SystemExit(f"nothing to mutate at {place}: name a file of the sources, or FILE:LINE")
        chosen.extend(found)
    return chosen


def _copy(folder: Path) -> Path:
    """The checkout as it lies there, without what git ignores, and links to what is installed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
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
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin nothing more after so many")
    parser.add_argument("--from", dest="first", type=int, default=1, help="begin with this one of the sample")
    parser.add_argument("--to", dest="last", type=int, default=None, help="and end with this one")
    parser.add_argument("--only", nargs="+", metavar="FILE[:LINE]", help="every mutation there, no sample")
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="coverage and results stay here: the next run goes on from them (for the same code and tests)",
    )
    parser.add_argument("--share", type=float, default=0.85, help="to be noticed (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
