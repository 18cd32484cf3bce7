"""Runs and why they ended as they did, why somebody gets what they get, generations of recommendations (back
to an earlier one), variants compared, experiments, items that nobody is to see, people who opt out, posted
events, the active region, restoring tables, leaving Amazon Personalize, and a database's data checked.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.derived.names import events_queue_name, serving_table_name, tracking_table_name
from operations import compare, denying, events, experiments, opting_out, runs
from operations.arguments import Known, configured, wrong
from operations.checking import command as checking
from operations.explaining import command as explaining
from operations.leaving import command as leaving
from operations.regions import command as regions
from operations.restoring import command as restoring
from operations.restoring import drill_command as drills
from pipeline.errors import InvalidInput, PipelineError
from pipeline.generations import Generations
from pipeline.regions.fence import active_here
from pipeline.times import iso
from review.planning import command as deployments

_EXAMPLES = """\
examples:
  python -m operations generations --stage prod --use-case films
  python -m operations rollback --stage prod --use-case films
  python -m operations rollback --stage prod --use-case films --to 20261121T195012345
  python -m operations runs --stage prod --use-case films
  python -m operations explain --stage prod --use-case films --user 17 --item 4
  python -m operations conversion --stage prod --use-case films --days 7
  python -m operations redrive --stage prod
  python -m operations experiment show --stage prod --use-case films
  python -m operations compare --stage prod --use-case films --html comparison.html
  python -m operations deny --stage prod --use-case films --item 812 --reason "withdrawn"
  python -m operations opt-out --stage prod --user 4711
  python -m operations region status --stage prod
  python -m operations restore --table recs-prod-notifications --at 2026-11-29T14:00:00Z --compare-only
  python -m operations decommission --stage prod --plan
  python -m operations check --dsn postgresql://me:secret@localhost:5432/app --use-case posts

exit codes: 0 done, 1 not done (the reason is printed) or a ramp is blocked, 2 wrong arguments
"""
_ABSENT = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "ResourceNotFoundException")
_THEIR_OWN: dict[str, Callable[[argparse.Namespace], int]] = {
    checking.CHECK: checking.run,
    leaving.DECOMMISSION: leaving.run,
    deployments.DEPLOY_PLAN: deployments.run,
    regions.REGION: regions.run,
    restoring.RESTORE: restoring.run,
    drills.RESTORE_DRILL: drills.run,
}
"""Commands that look for clients and regions themselves."""
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})


def main(
    arguments: Sequence[str], *, clock: Callable[[], float] = time.time, known: Known | None = None
) -> int:
    """clock: of experiments and generations, in seconds since 1970. known: None: what is configured."""
    whole = parser()
    options = whole.parse_args(arguments)
    if found := wrong(options, known or configured()):
        return _misused(whole, "; ".join(found))
    try:
        if options.command == compare.COMPARE:
            return compare.run(options, partial(_client, options))
        if options.command in denying.COMMANDS:
            return denying.run(options, partial(_client, options), clock)
        if options.command in opting_out.COMMANDS:
            return opting_out.run(options, partial(_client, options), clock)
        if run := _THEIR_OWN.get(options.command):
            return run(options)
        if options.command == explaining.EXPLAIN:
            explaining.run(options, partial(_client, options), clock)
        elif options.command == runs.RUNS:
            runs.run(options, partial(_client, options))
        elif options.command in events.COMMANDS:
            events.run(options, partial(_client, options))
        elif options.command == experiments.EXPERIMENT:
            experiments.run(options, partial(_client, options), clock)
        else:
            _generations(options, clock)
    except InvalidInput as error:
        return _misused(whole, str(error))
    except PipelineError as error:
        return _fail(str(error))
    except ClientError as error:
        if options.command not in _THEIR_OWN and error.response["Error"]["Code"] in _ABSENT:
            table, queue = _looked_at(options), f"{events_queue_name(options.stage)}-dead"
            what = f"queue {queue}" if error.operation_name == "GetQueueUrl" else f"table {table}"
            return _fail(f"there is no {what} in {_client(options, 'dynamodb').meta.region_name}")
        return _fail(str(error))
    except BotoCoreError as error:
        return _fail(str(error))
    return 0


def _generations(options: argparse.Namespace, clock: Callable[[], float]) -> None:
    table, client = serving_table_name(options.stage), _client(options, "dynamodb")
    generations = Generations(client, table, options.use_case, options.variant, clock)
    if options.command == "generations":
        _show(generations, as_json=options.json)
    else:
        term = active_here(client, table).term
        _roll_back(replace(generations, term=term), options.to, as_json=options.json)


def _client(options: argparse.Namespace, service: str, region: str | None = None) -> Any:
    return boto3.client(service, region_name=region or options.region, config=_CONFIG)


def _looked_at(options: argparse.Namespace) -> str:
    name = tracking_table_name if options.command == events.CONVERSION else serving_table_name
    return name(options.stage)


def parser() -> argparse.ArgumentParser:
    stage = argparse.ArgumentParser(add_help=False)
    stage.add_argument("--stage", required=True, help="by its name in the configuration")
    stage.add_argument("--region", help="the stage's primary region (default: that of the AWS configuration)")
    common = argparse.ArgumentParser(add_help=False, parents=[stage])
    common.add_argument("--use-case", required=True, help="by its name in the configuration")
    common.add_argument(
        "--variant", default="personalize", help="personalize, own or heuristic (default: %(default)s)"
    )
    common.add_argument("--json", action="store_true", help="print the result as JSON")
    parser = argparse.ArgumentParser(
        prog="python -m operations",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser(
        "generations", parents=[common], help="list those that can be served, and which one is"
    )
    rollback = commands.add_parser("rollback", parents=[common], help="serve an earlier generation")
    rollback.add_argument(
        "--to",
        metavar="GENERATION",
        help="any that is listed (default: the newest before the one being served)",
    )
    explaining.add_command(commands, stage)
    runs.add_command(commands, stage)
    events.add_commands(commands, stage)
    experiments.add_commands(commands, stage)
    denying.add_commands(commands, stage)
    opting_out.add_commands(commands, stage)
    compare.add_command(commands, stage)
    regions.add_command(commands)
    restoring.add_command(commands)
    drills.add_command(commands)
    deployments.add_command(commands)
    leaving.add_command(commands)
    checking.add_command(commands)
    return parser


def _show(generations: Generations, *, as_json: bool) -> None:
    pointer = generations.pointer()
    existing = generations.existing()
    if as_json:
        served = pointer.generation if pointer else None
        every = [
            {
                "generation": one.name,
                "users": one.users,
                "expires": iso(one.expires),
                "served": one.name == served,
            }
            for one in existing
        ]
        print(json.dumps(every, indent=2))
        return
    if not existing:
        print(f"{generations.use_case}: no generations in {generations.table}")
    for generation in existing:
        served = "  <- served" if pointer and pointer.generation == generation.name else ""
        print(f"{generation.name}  {generation.users:>10,} users  until {iso(generation.expires)}{served}")


def _roll_back(generations: Generations, to: str | None, *, as_json: bool) -> None:
    before = generations.pointer()
    after = generations.roll_back(to)
    if as_json:
        earlier = before.generation if before else None
        print(json.dumps({"generation": after.generation, "users": after.users, "before": earlier}, indent=2))
        return
    came_from = before.generation if before else "nothing"
    print(
        f"{generations.use_case}: {after.generation} is served now ({after.users:,} users), not {came_from}"
    )


def _misused(whole: argparse.ArgumentParser, reason: str) -> int:
    whole.print_usage(sys.stderr)
    print(f"{whole.prog}: error: {reason}", file=sys.stderr)
    return 2


def _fail(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1
