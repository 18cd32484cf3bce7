"""python -m sample_database load"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from sample_database.generated import Scale
from sample_database.load import Loaded, LoadFailed, load, source_community
from trial_data import movielens
from trial_data.movielens import MovieLensUnavailable


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        if options.source == "movielens":
            print(f"{movielens.LICENCE}\n")
        content = source_community(options.source, _scale(options), options.movielens_folder)
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
        description="Replaces the sample application's tables as a whole; refuses to touch any other table.",
    )
    loading.add_argument("--dsn", required=True, help="postgresql://user:password@host:port/database")
    loading.add_argument("--source", choices=("movielens", "generated"), default="movielens")
    loading.add_argument(
        "--movielens-folder", type=Path, help="a folder with the three ml-100k files (default: fetch)"
    )
    for field in fields(Scale):
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


def _scale(options: argparse.Namespace) -> Scale:
    return Scale(**{field.name: getattr(options, field.name) for field in fields(Scale)})


def _progress(table: str, rows: int, done: bool) -> None:
    if sys.stdout.isatty():
        print(f"\r{table:<16}{rows:>14,} rows", end="\n" if done else "", flush=True)
    elif done:
        print(f"{table:<16}{rows:>14,} rows", flush=True)


def _show(loaded: Loaded) -> None:
    print(f"\n{loaded.told}")


if __name__ == "__main__":
    sys.exit(main())
