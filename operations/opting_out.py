"""People who do not want to be personalised: opt them out, in again, and list them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from config.derived.names import serving_table_name
from pipeline.http.checks import LONGEST_ID, is_id
from pipeline.withholding.opt_out_list import OptOutList

OPT_OUT, OPT_IN, OPTED_OUT = COMMANDS = ("opt-out", "opt-in", "opted-out")
LONGEST_REASON = 500
_TEXTS = {
    OPT_OUT: "people who get what is popular from now on, and no messages: within a minute, in every region",
    OPT_IN: "people who had opted out, and may be personalised again",
    OPTED_OUT: "everybody who has opted out: who said so, when and why",
}


def add_commands(commands: Any, stage: argparse.ArgumentParser) -> None:
    for name, text in _TEXTS.items():
        parser = commands.add_parser(name, parents=[stage], help=text)
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        if name != OPTED_OUT:
            parser.add_argument("--user", action="append", required=True, help="the id; may be repeated")
        if name == OPT_OUT:
            parser.add_argument("--reason", default="", help="kept with it")
            parser.add_argument("--by", help="who says so (default: the ARN of the caller's identity)")


def run(options: argparse.Namespace, clients: Callable[[str], Any], clock: Callable[[], float]) -> int:
    """Answers the exit code. clients: makes an AWS client for a service's name."""
    listed = OptOutList(clients("dynamodb"), serving_table_name(options.stage), clock)
    if options.command == OPTED_OUT:
        _show(listed, as_json=options.json)
        return 0
    users, reason = tuple(dict.fromkeys(options.user)), getattr(options, "reason", "")
    mistakes = [
        f"--user: {user!r} must be an id of 1 to {LONGEST_ID} characters" for user in users if not is_id(user)
    ]
    if len(reason) > LONGEST_REASON:
        mistakes.append(f"--reason: must have {LONGEST_REASON} characters at most, not {len(reason):,}")
    if mistakes:
        print("\n".join(mistakes), file=sys.stderr)
        return 2
    if options.command == OPT_OUT:
        listed.add(users, reason=reason, by=options.by or clients("sts").get_caller_identity()["Arn"])
        _tell("optedOut", users, "not personalised any more, seen everywhere within a minute", options)
        return 0
    back = listed.remove(users)
    _tell("optedIn", back, "personalised again; lists of their own come with the next run", options)
    if others := [user for user in users if user not in back]:
        print(f"had not opted out: {', '.join(others)}", file=sys.stderr)
    return 0


def _tell(name: str, users: Sequence[str], words: str, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps({name: list(users)}, ensure_ascii=False))
    elif users:
        print(f"{', '.join(users)}: {words}")


def _show(listed: OptOutList, *, as_json: bool) -> None:
    everybody = listed.everybody()
    if as_json:
        print(json.dumps([asdict(one) for one in everybody], indent=2, ensure_ascii=False))
        return
    for one in everybody:
        print(f"{one.user}  {one.at} by {one.by}" + (f": {one.reason}" if one.reason else ""))
