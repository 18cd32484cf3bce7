"""Writes the folder of a new use case, or of a new notification; nothing that is there is changed."""

import argparse
import sys
from collections.abc import Sequence

from config.rules.use_cases import NAME
from config.telling import mistakes_told
from config.types.errors import ConfigError

with mistakes_told():
    from config.new import notification, use_case
    from config.new.writing import Refused, write
    from config.use_cases import USE_CASES

_NEXT = {
    "use-case": """\
Next: put your tables and columns into the queries, your event types into use_case.py
(README, "Configuration"); then `make up`, fill its database, start the state machine recs-local-{hyphened};
`make snapshots`, `make test`.""",
    "notification": """\
Next: put your tables into the queries, your words into notification.py and email/, the items' address into
`item_url`; docs/notifications.md explains each column of recipients.sql. Then `make up`, `make snapshots`,
`make test`.""",
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        of = _of(options.use_case) if options.kind == "notification" else ""
    except Refused as problem:
        parser.error(str(problem))
    try:
        if options.kind == "use-case":
            place = write("use_cases", options.name, use_case.files(options.name))
        else:
            place = write("notifications", options.name, notification.files(options.name, of))
    except (Refused, ConfigError) as problem:
        print(f"config.new: {problem}", file=sys.stderr)
        return 1
    for file in sorted(each for each in place.rglob("*") if each.is_file()):
        print(f"written: {file}")
    print(_NEXT[options.kind].format(hyphened=options.name.replace("_", "-")))
    return 0


def _of(named: str | None) -> str:
    """The use case that is told of. Raises: Refused, if there is none of the name, or nothing to choose."""
    names = [case.name for case in USE_CASES]
    if named in names:
        return str(named)
    if named is None and len(names) == 1:
        return names[0]
    there = (
        f"there are {', '.join(names)}"
        if names
        else "there is none yet: `python -m config.new use-case NAME`"
    )
    raise Refused(f"--use-case must name what is told of; {there}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m config.new", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    name = "lower-case words of letters and digits joined by _"

    def named(text: str) -> str:
        if not NAME.fullmatch(text):
            raise argparse.ArgumentTypeError(f"{text!r}: a name must be {name}")
        return text

    case = kinds.add_parser("use-case", help="who gets what recommended")
    case.add_argument("name", type=named, metavar="NAME", help=name)
    told = kinds.add_parser("notification", help="who hears of recommendations once a week")
    told.add_argument("name", type=named, metavar="NAME", help=name)
    told.add_argument(
        "--use-case", metavar="NAME", help="of which the recommendations are (default: the only one)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
