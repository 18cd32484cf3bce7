"""`simulate`: simulated people as files for a stage without a database, and their visits through its API."""

import argparse
import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

from sample_database.signed_api import SignedApi
from sample_database.simulated_api import Application
from sample_database.simulated_figures import conversions, table
from sample_database.simulated_people import ACTION, Town, history, town
from sample_database.simulated_visits import Visit

SIMULATE = "simulate"
FILES = {
    "interactions": ("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP"),
    "users": ("USER_ID", "AGE"),
    "items": ("ITEM_ID", "TOPIC", "CREATION_TIMESTAMP"),
}
"""Headers, in the order of the columns."""
_EXAMPLES = """\
examples:
  python -m sample_database simulate --folder uploads/shows --day 2026-11-20
  python -m sample_database simulate --url $API_URL --use-case shows --path shows --days 3

The people are simulated: none of them exists, and so their tastes can be known. The same seed makes the same
people; conversion is shown beside what their tastes made to be expected of the lists.
"""


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        SIMULATE,
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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be a day such as 2026-11-20") from None


def run(options: argparse.Namespace) -> None:
    """Raises: ValueError, if arguments do not fit; NotAnswered, if the API refuses something."""
    if min(options.people, options.items, options.days) < 1:
        raise ValueError("--people, --items and --days must be 1 at least")
    if options.url and not (options.use_case and options.path):
        raise ValueError("--url needs --use-case and --path")
    of = town(options.seed, people=options.people, items=options.items, tastes=not options.no_tastes)
    today = datetime.now(UTC).date()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        for name, text in files(of, before=options.day or today).items():
            (options.folder / f"{name}.csv").write_text(text, encoding="utf-8")
        print(f"{len(of.people)} simulated people and {len(of.items)} items are in {options.folder}")
        return
    application = Application(SignedApi(options.url), options.use_case, options.path)
    first = options.day or today - timedelta(days=options.days - 1)
    seen: list[Visit] = []
    for number in range(options.days):
        day = first + timedelta(days=number)
        seen += application.day(of, day)
        print(f"{day}: {len(seen):,} visits of simulated people so far", flush=True)
    print("\n".join(table(conversions(seen, lambda one: one.shown.variant))))


def files(of: Town, *, before: date, more: Iterable[Visit] = ()) -> dict[str, str]:
    """CSV with headers, by dataset: the history until the day begins, and what was done in visits since."""
    until = int(datetime(before.year, before.month, before.day, tzinfo=UTC).timestamp())
    done: list[tuple[str | int, ...]] = list(history(of, until=until))
    for one in more:
        items = zip(one.shown.items, one.acted, strict=True)
        done += [(one.person, item, ACTION, one.at) for item, acted in items if acted]
    begun = until - 60 * 86_400
    rows: dict[str, list[tuple[str | int, ...]]] = {
        "interactions": done,
        "users": [(name, 18 + number % 50) for number, name in enumerate(of.people)],
        "items": [
            (name, f"topic-{topic}", begun) for name, topic in zip(of.items, of.topics.tolist(), strict=True)
        ],
    }
    return {name: _csv(FILES[name], some) for name, some in rows.items()}


def _csv(header: tuple[str, ...], rows: list[tuple[str | int, ...]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
