"""`region`: status, plan, switch, back."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from operations.regions import plan, trainings
from operations.regions.following import Ended, Follower, machine_arn
from operations.regions.places import Clients, Stage, aws_clients, stage_named
from operations.regions.plan import Wish
from operations.regions.status import StageStatus, status_of
from pipeline.errors import SwitchRefused

REGION = "region"
STATUS, PLAN, SWITCH, BACK = "status", "plan", "switch", "back"
_EXAMPLES = """\
examples:
  python -m operations region status --stage prod
  python -m operations region plan --stage prod --to eu-central-1 --lost
  python -m operations region switch --stage prod --to eu-central-1 --planned --why "an exercise"
  python -m operations region switch --stage prod --to eu-central-1 --lost --why "eu-west-1 is gone" --yes
  python -m operations region back --stage prod --why "eu-west-1 is there again"

A switch runs in the region that becomes active: ended here (Ctrl-C), it goes on, and the same command follows
it again. All steps can be done again: after a failure, the same command goes on with what is left.

exit codes: 0 done; of status: every region answers and nothing is to be done. 1 not done, or something is to
be done: the reasons are printed. 2 wrong arguments
"""


def add_command(commands: Any) -> None:
    parser = commands.add_parser(
        REGION,
        help="which region is active; a switch to another one, planned or without the one that is lost",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    of = argparse.ArgumentParser(add_help=False)
    of.add_argument("--stage", required=True, help="dev, staging, prod or local")
    of.add_argument(
        "--regions",
        metavar="PRIMARY,STANDBY,...",
        help="that may be active, if they are not those of config/stages.py",
    )
    of.add_argument("--json", action="store_true", help="print the result as JSON")
    how = argparse.ArgumentParser(add_help=False)
    how.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="REGION",
        help="that does not answer and is not asked, besides the active one; may be given several times",
    )
    kind = argparse.ArgumentParser(add_help=False)
    kind.add_argument("--to", required=True, metavar="REGION", help="the one that becomes active")
    either = kind.add_mutually_exclusive_group()
    either.add_argument(
        "--planned", action="store_true", help="the active region is asked to stop, and waited for (default)"
    )
    either.add_argument(
        "--lost", action="store_true", help="the active region is gone: nothing of it is called"
    )
    kind.add_argument(
        "--force", action="store_true", help="with --lost or --without: also if the region answers"
    )
    change = argparse.ArgumentParser(add_help=False)
    change.add_argument("--why", required=True, help="kept with the epoch")
    change.add_argument("--by", help="who switches (default: the ARN of the caller's identity)")
    change.add_argument(
        "--yes", action="store_true", help="do not ask; refused if the stage has switches_typed"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    actions.add_parser(
        STATUS,
        parents=[of],
        help="every region: role, epoch, lists with their age, schedules, whether it answers",
    )
    actions.add_parser(
        PLAN, parents=[of, kind, how], help="the steps, what they cost and lose; changes nothing"
    )
    actions.add_parser(SWITCH, parents=[of, kind, how, change], help="make a region the active one")
    actions.add_parser(
        BACK,
        parents=[of, how, change],
        help="a planned switch to the region that the configuration has first",
    )


def run(
    options: argparse.Namespace,
    clients: Clients = aws_clients,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    ask: Callable[[str], str] = input,
) -> int:
    """Raises: InvalidInput, of an unknown stage; SwitchRefused, with everything that speaks against a switch;
    SwitchFailed.
    """
    stage = stage_named(options.stage, options.regions)
    status = status_of(stage, clients, clock())
    if options.action == STATUS:
        _print(options, status.as_json(), status.lines(stage.name))
        return 1 if status.problems() else 0
    wish = _wish(options, stage)
    if options.action != PLAN and wish.to in stage.config.active_regions:
        follower = _follower(options, stage, wish.to, clients, sleep)
        if found := follower.under_way():
            return _follow(options, stage, wish, follower, found)
    problems = list(dict.fromkeys(plan.refusals(stage, status, wish)))
    if options.action == PLAN:
        models = trainings.models_of(stage, status, wish.to, clients)
        said = plan.as_json(stage, wish, problems, models)
        _print(options, said, plan.lines_of(stage, wish, problems, models))
        return 1 if problems else 0
    if options.yes and stage.config.switches_typed:
        problems.append(f"the stage {stage.name} has switches_typed: type the region's name instead of --yes")
    if problems:
        raise SwitchRefused("\n".join(f"not switched: {problem}" for problem in problems))
    _approve(options, stage, status, wish, ask)
    known = status.epoch.number if status.epoch else 0
    request = {
        "planned": wish.planned,
        "lost": list(wish.lost(status)),
        "known": known,
        "by": options.by or clients(wish.to, "sts").get_caller_identity()["Arn"],
        "why": options.why,
    }
    follower = _follower(options, stage, wish.to, clients, sleep)
    return _follow(options, stage, wish, follower, follower.begin(request))


def _wish(options: argparse.Namespace, stage: Stage) -> Wish:
    if options.action == BACK:
        return Wish(to=stage.config.region, planned=True, without=tuple(options.without))
    return Wish(to=options.to, planned=not options.lost, without=tuple(options.without), forced=options.force)


def _approve(
    options: argparse.Namespace, stage: Stage, status: StageStatus, wish: Wish, ask: Callable[[str], str]
) -> None:
    """Raises: SwitchRefused."""
    if options.yes:
        return
    active = status.epoch.words if status.epoch else ""
    question = f"{active}.\nType {wish.to} to make it the active region of {stage.name}: "
    try:
        typed = ask(question).strip()
    except EOFError:
        typed = ""
    if typed != wish.to:
        raise SwitchRefused(f"not switched: {typed!r} was typed, and not {wish.to!r}")


def _follower(
    options: argparse.Namespace, stage: Stage, to: str, clients: Clients, sleep: Callable[[float], None]
) -> Follower:
    say = partial(print, file=sys.stderr if options.json else sys.stdout, flush=True)
    return Follower(
        clients(to, "stepfunctions"), machine_arn(stage.name, to, stage.config.account), say, sleep
    )


def _follow(options: argparse.Namespace, stage: Stage, wish: Wish, follower: Follower, execution: str) -> int:
    say = follower.say
    try:
        ended = follower.follow(execution)
    except KeyboardInterrupt:
        say(f"\n{execution} goes on: give the same command to follow it again")
        return 1
    if options.json:
        print(json.dumps(_as_json(ended), indent=2))
    if ended.reason:
        where = f"{ended.step}: " if ended.step else ""
        print(f"not switched to {wish.to}: {where}{ended.reason}\n{ended.advice}".strip(), file=sys.stderr)
        return 1
    say(f"{wish.to} is the active region of {stage.name}, in epoch {ended.switch['epoch']}")
    return 0


def _as_json(ended: Ended) -> dict[str, Any]:
    return {
        "execution": ended.execution,
        "switched": not ended.reason,
        "reason": ended.reason or None,
        "failed": ended.step if ended.reason else None,
        "switch": dict(ended.switch),
    }


def _print(options: argparse.Namespace, value: Any, lines: list[str]) -> None:
    print(json.dumps(value, indent=2) if options.json else "\n".join(lines))
