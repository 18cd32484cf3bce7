"""`restore`: a table of record beside, as it was; what is missing is put back."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from operations.restoring.beside import RESTORED, Beside, RestoreFailed, RestoreRefused, Wanted, name_beside
from operations.restoring.kinds import KINDS, Kind, Way, kinds_of
from operations.restoring.reading import UNKNOWN
from operations.restoring.restoring import Restoring, Task
from operations.restoring.telling import KEPT, as_json, lines_of

RESTORE = "restore"
BY = "recommendations-restore"
_LEAVE, _MEND = "leave", "mend"
_CONFIG = Config(
    connect_timeout=10,
    read_timeout=60,
    max_pool_connections=32,
    retries={"mode": "adaptive", "max_attempts": 10},
)
_EXAMPLES = """\
examples:
  python -m operations restore --table recs-prod-notifications --at 2026-11-29T14:00:00Z --compare-only
  python -m operations restore --table recs-prod-notifications --at 2026-11-29T14:00:00Z --remove
  python -m operations restore --table recs-prod-tracking --at 2026-11-29T15:00:00+01:00 --only counters

The table is restored to one beside it, the two are compared item by item, and what is missing is put back.
Nothing is deleted, and nothing that is there is overwritten. Ended midway, the same command goes on. What
each kind of item is to it, and what to look at before: docs/restore.md.

exit codes: 0 done; of --compare-only and --dry-run: nothing is missing. 1 not done (the reasons are printed),
or something is missing. 2 wrong arguments
"""


def add_command(commands: Any) -> None:
    parser = commands.add_parser(
        RESTORE,
        help="restore a table of record beside, compare, and put back what is missing",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--table", required=True, help="recs-STAGE-notifications, -tracking or -serving")
    parser.add_argument(
        "--at", required=True, metavar="TIME", help="ISO 8601 with its zone, such as 2026-11-29T14:00:00Z"
    )
    parser.add_argument("--region", help="of the table (default: that of the AWS configuration)")
    parser.add_argument("--to", metavar="NAME", help="of the table beside (default: TABLE-restored-TIME)")
    parser.add_argument(
        "--only", metavar="KIND,KIND,...", help="put back these kinds of items only, such as opt-outs,devices"
    )
    parser.add_argument(
        "--changed",
        choices=(_LEAVE, _MEND),
        default=_LEAVE,
        help="what becomes of items that are there, and less than they were: left (default), or what they "
        "lack is added; nothing is taken from any",
    )
    parser.add_argument(
        "--except-users",
        metavar="FILE",
        type=Path,
        help="ids of erased people, one a line, whose items stay away",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--compare-only", action="store_true", help="restore beside and compare; put nothing back"
    )
    how.add_argument(
        "--dry-run",
        action="store_true",
        help="write nothing at all; compares with the table beside, if an earlier call has made it",
    )
    parser.add_argument(
        "--remove",
        action="store_true",
        help="remove the table beside in the end, if this command has made it",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(
    options: argparse.Namespace,
    client: Any = None,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """client: of DynamoDB. Raises: RestoreRefused, with every reason; RestoreFailed; TableBusy."""
    client = client or boto3.client("dynamodb", region_name=options.region, config=_CONFIG)
    say = partial(print, file=sys.stderr if options.json else sys.stdout, flush=True)
    beside, task = _asked(options, client, clock(), say, sleep)
    if options.dry_run and beside.found() is None:
        wanted = beside.wanted
        say(f"{wanted.table} as of {options.at} would be restored to {wanted.beside}, and compared")
        return 0
    try:
        began = clock()
        if not options.dry_run:
            default = name_beside(options.table, beside.wanted.at, RESTORED)
            made = beside.begin()
            beside.wait(ours=made or beside.wanted.beside == default)
        ready = clock()
        found = Restoring(client, task, say).run()
    except KeyboardInterrupt:
        raise RestoreFailed(
            f"ended before it was done; {beside.wanted.beside} stays: the same command goes on with it"
        ) from None
    seconds = {"restoring": round(ready - began, 1), "comparing": round(clock() - ready, 1)}
    kinds = as_json(found, task.kinds)
    # What is still to be looked at is looked at there.
    remove = options.remove and not options.dry_run and not any(_open(kinds))
    stays = beside.remove() if remove else _kept(beside.wanted.beside)
    told = _told(beside.wanted, kinds, seconds, stays)
    if options.json:
        print(json.dumps(told, indent=2))
    else:
        print("\n".join(lines_of(found, task.kinds, mends=task.mends)))
        print(f"restored in {seconds['restoring']} s, compared in {seconds['comparing']} s")
    say(stays or f"{beside.wanted.beside} is removed")
    if options.remove and stays and not options.dry_run:
        return 1
    return _verdict(told, say)


def _asked(
    options: argparse.Namespace,
    client: Any,
    now: float,
    say: Callable[[str], None],
    sleep: Callable[[float], None],
) -> tuple[Beside, Task]:
    """Raises: RestoreRefused, with every reason."""
    problems: list[str] = []
    kinds = kinds_of(options.table)
    if not kinds:
        endings = ", ".join(f"-{name}" for name in KINDS)
        problems.append(f"{options.table} is no table of a stage: their names end in {endings}")
    at = _time(options.at, problems)
    only = _only(options.only, kinds, problems)
    left_out = _users(options.except_users, problems)
    wanted = Wanted(
        table=options.table,
        at=at or datetime.fromtimestamp(now, UTC).replace(microsecond=0),
        beside=options.to or name_beside(options.table, at or datetime.now(UTC), RESTORED),
        by=BY,
    )
    beside = Beside(client, wanted, say, sleep)
    if at is not None:
        problems += beside.problems()
    if problems:
        raise RestoreRefused("\n".join(f"not restored: {problem}" for problem in problems))
    task = Task(
        table=wanted.table,
        beside=wanted.beside,
        kinds=kinds,
        writes=not (options.compare_only or options.dry_run),
        mends=options.changed == _MEND,
        only=only,
        left_out=left_out,
        now=now,
    )
    return beside, task


def _time(text: str, problems: list[str]) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        problems.append(f"--at {text!r} is no time: write it as 2026-11-29T14:00:00Z")
        return None
    if at.tzinfo is None:
        problems.append(f"--at {text!r} has no zone: write it as 2026-11-29T14:00:00Z, or with +01:00")
        return None
    return at.astimezone(UTC).replace(microsecond=0)


def _only(text: str | None, kinds: tuple[Kind, ...] | Any, problems: list[str]) -> frozenset[str]:
    if text is None:
        return frozenset()
    only = frozenset(name.strip() for name in text.split(","))
    names = [kind.name for kind in kinds if kind.way is not Way.NEVER]
    for name in sorted(only - {*names}) if kinds else ():
        problems.append(f"--only {name}: the table has {', '.join(names) or 'no such kind'}")
    return only


def _users(file: Path | None, problems: list[str]) -> frozenset[str]:
    if file is None:
        return frozenset()
    try:
        return frozenset(filter(None, map(str.strip, file.read_text(encoding="utf-8-sig").splitlines())))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"--except-users {file}: {error}")
        return frozenset()


def _kept(name: str) -> str:
    return f"{name} stays: {KEPT}. The same command with --remove removes it"


def _told(
    wanted: Wanted, kinds: dict[str, Any], seconds: dict[str, float], stays: str | None
) -> dict[str, Any]:
    return {
        "table": wanted.table,
        "at": f"{wanted.at:%Y-%m-%dT%H:%M:%SZ}",
        "beside": wanted.beside,
        "removed": stays is None,
        "seconds": seconds,
        "kinds": kinds,
    }


def _open(kinds: dict[str, Any]) -> tuple[int, int]:
    """Items that are missing still, and items of which nobody knows what they are."""
    return sum(of["open"] for of in kinds.values()), kinds.get(UNKNOWN, {}).get("then", 0)


def _verdict(told: dict[str, Any], say: Callable[[str], None]) -> int:
    """1 if something of record is missing still, or nobody knows what it is."""
    missing, unknown = _open(told["kinds"])
    if missing:
        say(f"{missing:,} items are missing")
    if unknown:
        say(f"{unknown:,} items are {UNKNOWN}: they were left alone; look at them in {told['beside']}")
    return 1 if missing or unknown else 0
