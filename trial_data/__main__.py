"""python -m trial_data fetch | simulate"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "lambda_src"))

from trial_data import movielens
from trial_data.application import Application, NotAnswered
from trial_data.figures import conversions, table
from trial_data.files import files
from trial_data.movielens import MovieLensUnavailable
from trial_data.people import town
from trial_data.signed_api import SignedApi
from trial_data.visits import Visit

_EXAMPLES = """\
examples:
  python -m trial_data simulate --folder uploads/shows --day 2026-11-20
  python -m trial_data simulate --url $API_URL --use-case shows --path shows --days 3

The people are simulated: none of them exists, and so their tastes can be known. The same seed makes the same
people; conversion is shown beside what their tastes made to be expected of the lists.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if wrong := _wrong(options):
        parser.error("; ".join(wrong))
    try:
        if options.command == "fetch":
            print(f"{movielens.LICENCE}\n\nMovieLens 100K is in {movielens.fetch()}")
        else:
            _simulate(options)
    except (MovieLensUnavailable, NotAnswered, ValueError) as error:
        print(f"trial_data: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntrial_data: interrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trial_data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("fetch", help="download MovieLens 100K into the cache and show its terms")
    _add_simulate(commands)
    return parser


def _add_simulate(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "simulate",
        help="simulated people with hidden tastes: their files, or their visits through a serving API",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--folder", type=Path, help="for interactions.csv, users.csv and items.csv")
    what.add_argument("--url", help="of a serving API; requests are signed as the environment says")
    parser.add_argument("--use-case", help="of which the events are")
    parser.add_argument("--path", help="of its endpoint: /v1/users/{userId}/PATH")
    parser.add_argument(
        "--day", type=_day, help="the first day of visits, or the one before which the files end"
    )
    parser.add_argument("--days", type=int, default=1, help="of visits (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same people (default: %(default)s)")
    parser.add_argument("--people", type=int, default=240, help="(default: %(default)s)")
    parser.add_argument("--items", type=int, default=120, help="(default: %(default)s)")
    parser.add_argument("--no-tastes", action="store_true", help="everybody likes everything alike")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be a day such as 2026-11-20") from None


def _wrong(options: argparse.Namespace) -> list[str]:
    """A sentence for each argument that cannot be meant."""
    if options.command != "simulate":
        return []
    least = {"people": 1, "items": 1, "days": 1, "seed": 0}
    found = [
        f"--{name} must be at least {number}, got {getattr(options, name)}"
        for name, number in least.items()
        if getattr(options, name) < number
    ]
    missing = [name for name in ("--use-case", "--path") if not getattr(options, name[2:].replace("-", "_"))]
    return [*found, *([f"--url needs {' and '.join(missing)}"] if options.url and missing else ())]


def _simulate(options: argparse.Namespace) -> None:
    """Raises: NotAnswered, if the API refuses something."""
    of = town(options.seed, people=options.people, items=options.items, tastes=not options.no_tastes)
    today = datetime.now(UTC).date()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        for name, text in files(of, before=options.day or today).items():
            (options.folder / f"{name}.csv").write_text(text, encoding="utf-8")
        if options.json:
            folder = str(options.folder)
            print(json.dumps({"folder": folder, "people": len(of.people), "items": len(of.items)}, indent=2))
        else:
            print(f"{len(of.people)} simulated people and {len(of.items)} items are in {options.folder}")
        return
    application = Application(SignedApi(options.url), options.use_case, options.path)
    first = options.day or today - timedelta(days=options.days - 1)
    seen: list[Visit] = []
    for number in range(options.days):
        day = first + timedelta(days=number)
        seen += application.day(of, day)
        told = sys.stderr if options.json else sys.stdout
        print(f"{day}: {len(seen):,} visits of simulated people so far", file=told, flush=True)
    found = list(conversions(seen, lambda one: one.shown.variant))
    if options.json:
        print(json.dumps({"visits": len(seen), "variants": [asdict(one) for one in found]}, indent=2))
    else:
        print("\n".join(table(found)))


if __name__ == "__main__":
    sys.exit(main())
