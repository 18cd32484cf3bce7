"""`decommission`: what is left of Amazon Personalize is told, or removed and proved to be gone."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from operations.estate.ending import Waiting
from operations.leaving.departure import Departure
from operations.leaving.journal import Journal
from operations.leaving.plan import Plan, lines_of, plan_of
from operations.leaving.proof import proof_of, region_proof, write
from operations.leaving.scope import Clients, Scope, Thing
from pipeline.errors import InvalidInput

DECOMMISSION = "decommission"
_PATIENCE = 240
_CONFIG = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 10})
"""Most of Personalize's operations may be called once a second: what is refused for that is tried again."""


def add_command(commands: Any) -> None:
    parser = commands.add_parser(
        DECOMMISSION, help="remove what a deployment without Personalize has left of it, with a proof"
    )
    parser.add_argument("--stage", required=True, help="dev, staging, prod or local")
    parser.add_argument(
        "--region",
        action="append",
        help="may be given several times (default: that of the AWS configuration)",
    )
    parser.add_argument(
        "--use-case",
        action="append",
        default=[],
        metavar="NAME",
        help="only this one's; may be given several times; with its version from the second on, as posts2 "
        "(default: the whole stage)",
    )
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--plan", action="store_true", help="only tell what would go, in order, and what stays")
    how.add_argument("--yes", action="store_true", help="remove it")
    parser.add_argument("--json", action="store_true", help="print the plan or the proof as JSON")
    parser.add_argument(
        "--proof",
        type=Path,
        metavar="FILE",
        help="for the proof, with a page .md beside it (default: decommissioned-STAGE-DATE.json)",
    )
    parser.add_argument(
        "--pause", type=float, default=15, help="seconds between two looks (default: %(default)s)"
    )


def run(
    options: argparse.Namespace,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """0 if all is gone, or was only told; 1 if something keeps it from being begun, or could not be removed.

    Raises: InvalidInput, if there is no region, or a proof is wanted of a plan; JournalDamaged, if what an
    earlier run has recorded cannot be read.
    """
    if options.plan and options.proof:
        raise InvalidInput("--proof goes with --yes: a plan proves nothing")
    regions = options.region or [boto3.session.Session().region_name or ""]
    if not all(regions):
        raise InvalidInput("no region: name it by --region, or set AWS_REGION")
    caller = boto3.client("sts", region_name=regions[0], config=_CONFIG).get_caller_identity()
    use_cases = tuple(name.replace("_", "-") for name in options.use_case)
    places = [
        (cache(partial(_client, region)), Scope(caller["Account"], region, options.stage, use_cases))
        for region in regions
    ]
    plans = []
    for clients, scope in places:
        recorded = [one.thing for one in Journal.of(scope).read(scope)]
        plans.append(plan_of(clients, scope, recorded))
    refused = any(plan.problems for plan in plans)
    if not options.json or (refused and options.yes):
        for plan in plans:
            print("\n".join(lines_of(plan)), file=sys.stderr if options.json else sys.stdout)
    if options.plan or refused:
        if options.json:
            print(json.dumps({"regions": [plan.as_json() for plan in plans]}, indent=2))
        return 1 if refused else 0
    say = partial(print, file=sys.stderr if options.json else sys.stdout, flush=True)
    waiting = Waiting(sleep, say, options.pause, _PATIENCE)
    told = [_leave(clients, plan, waiting, now) for (clients, _), plan in zip(places, plans, strict=True)]
    proof = proof_of(caller, plans[0], told, _iso(now()))
    file = options.proof or Path(f"decommissioned-{options.stage}-{now():%Y-%m-%d}.json")
    written, page = write(proof, file)
    if options.json:
        print(json.dumps(proof, indent=2))
    for problem in (problem for region in told for problem in region["problems"]):
        print(f"not removed: {problem}", file=sys.stderr)
    say(f"{'All gone' if proof['complete'] else 'NOT ALL GONE'}; proof: {written}, {page}")
    return 0 if proof["complete"] else 1


def _leave(clients: Clients, plan: Plan, waiting: Waiting, now: Callable[[], datetime]) -> dict[str, Any]:
    journal = Journal.of(plan.scope)
    jobs = [Thing(job.kind, job.name, job.arn, job.of) for job in plan.jobs]
    journal.add([*plan.things, *jobs], _iso(now()), plan.scope)
    problems = Departure(clients, plan, waiting).run()
    recorded = journal.read(plan.scope)
    after = plan_of(clients, plan.scope, [one.thing for one in recorded])
    return region_proof(clients, after, recorded, problems)


def _client(region: str | None, service: str) -> Any:
    return boto3.client(service, region_name=region, config=_CONFIG)


def _iso(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
