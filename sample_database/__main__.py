"""python -m sample_database load"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import Field, fields
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from sample_database.generated import Scale
from sample_database.load import Loaded, LoadFailed, load, source_community
from sample_database.sources import today
from trial_data import movielens
from trial_data.movielens import MovieLensUnavailable


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        scale = _scale(options)
    except ValueError as error:
        parser.error(str(error))
    try:
        if options.source == "movielens":
            print(f"{movielens.LICENCE}\n")
        content = source_community(options.source, scale, options.movielens_folder)
        _show(load(options.dsn, content, _progress))
    except (MovieLensUnavailable, LoadFailed, ValueError) as error:
        print(f"sample_database: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nsample_database: interrupted, nothing was changed", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sample_database", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    loading = commands.add_parser(
        "load",
        help="create the sample application's tables in a PostgreSQL database and fill them",
        description="Replaces the sample application's tables as a whole; refuses a database that "
        "holds anything else.",
    )
    loading.add_argument("--dsn", required=True, help="postgresql://user:password@host:port/database")
    loading.add_argument("--source", choices=("movielens", "generated"), default="movielens")
    loading.add_argument(
        "--movielens-folder", type=Path, help="a folder with the three ml-100k files (default: fetch)"
    )
    loading.add_argument(
        "--until",
        type=_day,
        metavar="DAY",
        help="generated data ends before this day, UTC (default: today, so that queries that look back find "
        "it; the same seed and day give the same data); MovieLens stays in its own years, which end in 1998",
    )
    for field in _numbers():
        what = "per person, on average" if field.type is float else "how many"
        what = {"seed": "same seed, same data"}.get(field.name, what)
        note = "; source generated only" if field.name in {"users", "posts", "post_events"} else ""
        loading.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=float if field.type is float else int,
            default=field.default,
            help=f"{what} (default: %(default)s{note})",
        )
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be a day such as 2026-11-20") from None


def _numbers() -> list[Field[Any]]:
    return [field for field in fields(Scale) if field.name != "until"]


def _scale(options: argparse.Namespace) -> Scale:
    """Raises: ValueError, with all that cannot be."""
    numbers = {field.name: getattr(options, field.name) for field in _numbers()}
    return Scale(**numbers, until=options.until or today())


def _progress(table: str, rows: int, done: bool) -> None:
    if sys.stdout.isatty():
        print(f"\r{table:<16}{rows:>14,} rows", end="\n" if done else "", flush=True)
    elif done:
        print(f"{table:<16}{rows:>14,} rows", flush=True)


def _show(loaded: Loaded) -> None:
    print(f"\n{loaded.told}")


if __name__ == "__main__":
    sys.exit(main())
