"""Items that nobody is to see any more: deny, allow and list them, with who, when and why."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from config.derived.names import serving_table_name
from config.schema import UseCase
from config.use_cases import USE_CASES
from pipeline.errors import InvalidInput
from pipeline.http.checks import LONGEST_ID, is_id
from pipeline.serving.table import Items, Table, TableFailed
from pipeline.serving.waiting import Waiting
from pipeline.times import iso
from pipeline.withholding.deny_list import DenyList
from pipeline.withholding.items import Change, Denial

DENY, ALLOW, DENIED = COMMANDS = ("deny", "allow", "denied")
LONGEST_REASON = 500
_EXAMPLES = """\
examples:
  python -m operations deny --stage prod --use-case films --item 812 --reason "withdrawn by the studio"
  python -m operations deny --stage prod --use-case films --use-case alike --item 812 --item 77 \\
      --until 2027-01-31T18:00:00Z
  python -m operations allow --stage prod --use-case films --item 812 --reason "it is back"
  python -m operations denied --stage prod --changes

What is denied is left out of lists, feeds, rankings, similar items, inboxes and messages within a minute, in
every region, whichever of them the command is run in (--region).

exit codes: 0 done, 1 not done (the reason is printed), 2 wrong arguments
"""


def add_commands(commands: Any, stage: argparse.ArgumentParser) -> None:
    texts = {
        DENY: "items that nobody is shown or told of any more, within a minute and in every region",
        ALLOW: "items that were denied, and may be shown again",
        DENIED: "the items that are denied now, or every change: who, when and why",
    }
    made = {
        name: commands.add_parser(
            name,
            parents=[stage],
            help=text,
            epilog=_EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for name, text in texts.items()
    }
    for name, parser in made.items():
        is_change = name != DENIED
        parser.add_argument(
            "--use-case",
            action="append",
            default=[],
            required=is_change,
            help="by its name in the configuration; may be repeated"
            + ("" if is_change else " (default: all)"),
        )
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        if is_change:
            parser.add_argument("--item", action="append", required=True, help="its id; may be repeated")
            parser.add_argument("--reason", default="", help="kept with the change")
            parser.add_argument("--by", help="who changes it (default: the ARN of the caller's identity)")
    made[DENY].add_argument(
        "--until", type=_moment, metavar="TIME", help="it ends by itself, such as 2027-01-31T18:00:00Z"
    )
    made[DENIED].add_argument("--changes", action="store_true", help="every change of the last 400 days")


def _moment(text: str) -> float:
    """Seconds since 1970."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be a time such as 2027-01-31T18:00:00Z") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} must have a time zone, such as {text}Z or {text}+01:00")
    return moment.timestamp()


def run(options: argparse.Namespace, clients: Callable[[str], Any], clock: Callable[[], float]) -> int:
    """Answers the exit code, 1 if more items would be denied than may be. clients: makes an AWS client for a
    service's name.
    """
    mistakes = list(_mistakes(options, clock()))
    if mistakes:
        print("\n".join(mistakes), file=sys.stderr)
        return 2
    chosen = [case for case in USE_CASES if case.name in options.use_case or not options.use_case]
    client, table = clients("dynamodb"), serving_table_name(options.stage)
    lists = [DenyList(client, table, case.name, clock) for case in chosen]
    if options.command == DENIED:
        _show(lists, changes=options.changes, as_json=options.json)
        return 0
    items, reason = tuple(dict.fromkeys(options.item)), options.reason
    by = options.by or clients("sts").get_caller_identity()["Arn"]
    if options.command == ALLOW:
        allowed = {one.use_case: one.allow(items, reason=reason, by=by) for one in lists}
        _tell_allowed(allowed, items, as_json=options.json)
        return 0
    for case, one in zip(chosen, lists, strict=True):
        try:
            one.deny(items, until=options.until, reason=reason, by=by)
        except InvalidInput as problem:  # nothing is wrong with what was asked: there is no room for it
            print(problem, file=sys.stderr)
            return 1
        if doubt := _doubt(Table(client, table, Waiting(), clock), case, items):
            print(doubt, file=sys.stderr)
    if options.json:
        _print_json([_denial_json(one.use_case, denial) for one, denial in _now(lists, items)])
    for one in lists if not options.json else ():
        print(f"{one.use_case}: {_few(items)} denied {_end(options.until)}; seen everywhere within a minute")
    return 0


def _mistakes(options: argparse.Namespace, now: float) -> Iterable[str]:
    if options.command == DENIED:
        return
    for item in options.item:
        if not is_id(item):
            yield f"--item: {item!r} must be an id of 1 to {LONGEST_ID} characters, none for control"
    if len(options.reason) > LONGEST_REASON:
        yield f"--reason: must have {LONGEST_REASON} characters at most, not {len(options.reason):,}"
    until = getattr(options, "until", None)
    if until is not None and until <= now:
        yield f"--until: {iso(until)} is past: say a later time, or none"


def _doubt(table: Table, case: UseCase, items: Sequence[str]) -> str | None:
    """A word about items that nothing is known of: ids are easily mistyped."""
    try:
        known, which = _known(table, case)
    except TableFailed:
        return None
    if known is None:
        return f"{case.name}: nothing is published, so that nobody can say whether these items exist"
    unknown = [item for item in items if item not in known]
    return f"{case.name}: {_few(unknown)} not {which}, but denied all the same: a typo?" if unknown else None


def _known(table: Table, case: UseCase) -> tuple[Items | None, str]:
    """Items, and what they are. Raises: TableFailed."""
    variant = case.default_variant
    visible = table.look(case.name, (variant,)).visible.get(variant)
    if visible is None:
        return None, ""
    catalogue = table.catalogue(case.name, variant, visible.generation)
    if catalogue is not None:
        return catalogue, "in the catalogue"
    popular = table.popular(case.name, variant, visible.generation) or ()
    return popular, f"among the {len(popular)} most popular items"


def _now(lists: Sequence[DenyList], items: Sequence[str]) -> Iterable[tuple[DenyList, Denial]]:
    return ((one, denial) for one in lists for denial in one.current() if denial.item in items)


def _tell_allowed(allowed: Mapping[str, Sequence[str]], items: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        _print_json([{"useCase": use_case, "allowed": list(found)} for use_case, found in allowed.items()])
        return
    for use_case, found in allowed.items():
        others = [item for item in items if item not in found]
        if found:
            print(f"{use_case}: {_few(found)} allowed again; seen everywhere within a minute")
        if others:
            print(f"{use_case}: {_few(others)} not denied, nothing to do")


def _show(lists: Sequence[DenyList], *, changes: bool, as_json: bool) -> None:
    if changes:
        made = [(one.use_case, change) for one in lists for change in one.changes()]
        if as_json:
            _print_json([{"what": change.what, **_denial_json(name, change.denial)} for name, change in made])
        for name, change in made if not as_json else ():
            print(f"{name}: {_change_words(change)}")
        return
    denials = [(one.use_case, denial) for one in lists for denial in one.current()]
    if as_json:
        _print_json([_denial_json(name, denial) for name, denial in denials])
        return
    for name, denial in denials:
        print(f"{name}: {denial.item} {_end(denial.until)}, {_note(denial)}")
    if not denials:
        print(f"nothing is denied: {', '.join(one.use_case for one in lists)}")


def _change_words(change: Change) -> str:
    denial = change.denial
    end = f" until {iso(denial.until)}" if denial.until is not None else ""
    return f"{denial.item} {change.what}{end}, {_note(denial)}"


def _note(denial: Denial) -> str:
    return f"{denial.at} by {denial.by}" + (f": {denial.reason}" if denial.reason else "")


def _end(until: float | None) -> str:
    return "until it is allowed" if until is None else f"until {iso(until)}"


def _few(items: Sequence[str]) -> str:
    more = f" and {len(items) - 5:,} more" if len(items) > 5 else ""
    return f"{', '.join(items[:5])}{more}" + (" is" if len(items) == 1 else " are")


def _denial_json(use_case: str, denial: Denial) -> dict[str, Any]:
    until = None if denial.until is None else iso(denial.until)
    return {"useCase": use_case, **asdict(denial), "until": until}


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
