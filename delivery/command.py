"""What a pipeline asks: its own files, the turns of a deployment, what change sets change, smoke tests."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from config.delivery import DELIVERY
from config.schema import use_cases_in
from config.stages import STAGES
from config.types.errors import ConfigError
from config.use_cases import USE_CASES
from delivery.asking import Api
from delivery.ground.bootstrap import lookup_clients
from delivery.ground.errors import NotDelivered
from delivery.ground.places import bootstrapped, checked, prefixes, serving_order, target_of
from delivery.note import MergeRequest
from delivery.smoke import ANSWERS, HEALTHY, Smoke, address, expected_of
from delivery.stacks.changes import change_set
from delivery.stacks.deployed import deployed
from delivery.stacks.turns import Turns, turns
from delivery.workflows.files import files, made_earlier
from delivery.workflows.gitlab_turns import turns_pipeline
from delivery.workflows.writing import written
from review.reading.assemblies import assembly_of

ROOT = Path(__file__).resolve().parents[1]
PRINTED = "-"
"""In place of a file for JSON."""
_EXAMPLES = """\
examples:
  python -m delivery files
  python -m delivery turns --stage prod --assembly cdk.out
  python -m delivery changes --stage prod --region eu-west-1 --stack Prod-eu-west-1-Data --change-set deploy-1
  python -m delivery smoke --stage prod --region eu-central-1 --signed

exit codes: 0 done; 1 not done, or not as it should be: the reason is printed; 2 wrong arguments
"""


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """root: where files are written."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if (region := getattr(options, "region", None)) and (known := _regions(options)) and region not in known:
        parser.error(f"stage {options.stage} has no region {region!r}: choose from {', '.join(known)}")
    run: Callable[[argparse.Namespace, Path], int] = options.run
    try:
        return run(options, root)
    except (NotDelivered, ConfigError, BotoCoreError, ClientError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


def _regions(options: argparse.Namespace) -> Sequence[str]:
    """Of the stage that is asked for, of which not all serve; none, if it is not configured."""
    stage = next((one for one in STAGES if one.name == options.stage), None)
    if stage is None:
        return ()
    return stage.regions if options.run is _smoke else bootstrapped(stage)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m delivery",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    stage = argparse.ArgumentParser(add_help=False)
    delivered = [target.stage for target in DELIVERY.targets]
    stage.add_argument("--stage", required=True, choices=delivered, help="one of config/delivery.py")
    region = argparse.ArgumentParser(add_help=False, parents=[stage])
    region.add_argument("--region", required=True, help="one of the stage's")

    made = commands.add_parser("files", help="write workflow files and templates of roles")
    made.add_argument("--check", action="store_true", help="write nothing, and fail if one is not current")
    made.set_defaults(run=_files)
    order = commands.add_parser("turns", parents=[stage], help="which stacks are deployed in which order")
    order.add_argument("--assembly", type=Path, required=True, help="folder of `cdk synth`")
    _add_json(order)
    order.add_argument("--markdown", type=Path, help="write them there, as a table")
    order.add_argument("--gitlab", type=Path, help="write them there, as a pipeline")
    order.set_defaults(run=_turns)
    changes = commands.add_parser("changes", parents=[region], help="what a change set changes")
    changes.add_argument("--stack", required=True, help="its name in CloudFormation")
    changes.add_argument("--change-set", required=True)
    changes.add_argument("--markdown", type=Path, help="write it there instead of printing it")
    changes.add_argument(
        "--variables", type=Path, help="write change_set_id=ARN there, nothing behind = if nothing changes"
    )
    _add_json(changes)
    changes.set_defaults(run=_changes)
    smoke = commands.add_parser("smoke", parents=[region], help="whether a region's API answers")
    smoke.add_argument(
        "--expect",
        choices=(HEALTHY, ANSWERS),
        default=HEALTHY,
        help=f"{ANSWERS}: that nothing has been published yet will do (default: %(default)s)",
    )
    smoke.add_argument(
        "--signed", action="store_true", help="also ask for lists; takes execute-api:Invoke on the API"
    )
    _add_json(smoke)
    smoke.set_defaults(run=_smoke)
    note = commands.add_parser(
        "note", help="write a file as the note of the merge request of this GitLab job"
    )
    note.add_argument("file", type=Path)
    note.set_defaults(run=_note)
    return parser


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--json",
        nargs="?",
        const=PRINTED,
        metavar="FILE",
        help="print the answer as JSON and nothing else; with FILE, write it there",
    )


def _told(options: argparse.Namespace, document: Any) -> bool:
    """Whether it is told as JSON, and nothing else may be printed."""
    if options.json is None:
        return False
    text = json.dumps(document, separators=(",", ":"))
    if options.json == PRINTED:
        print(text)
        return True
    Path(options.json).write_text(text, encoding="utf-8")
    return False


def _files(options: argparse.Namespace, root: Path) -> int:
    old, current = [], files()
    for path, text in current.items():
        file = root / path
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        old.append(path)
        if not options.check:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    without = [path for path in made_earlier(root) if path not in current]
    if not options.check:
        for path in without:
            (root / path).unlink()
    words = "not current: run `python -m delivery files`" if options.check else "written"
    gone = "of no stage that is delivered to: run `python -m delivery files`" if options.check else "deleted"
    told = [*(f"{path}: {words}" for path in old), *(f"{path}: {gone}" for path in without)]
    print("\n".join(told) or "all are current")
    return 1 if options.check and told else 0


def _turns(options: argparse.Namespace, _: Path) -> int:
    target, stage = target_of(options.stage)
    places = prefixes(stage)
    names = tuple(places.values())
    after = {name: one for name, one in assembly_of(options.assembly).items() if name.startswith(names)}
    clients = lookup_clients(stage.account)
    before = deployed(clients, stage.account, places, after)
    regions = {}
    for region in serving_order(stage):
        url = address(clients(region, "cloudformation"), stage, region)
        regions[region] = expected_of(Api(region, url)) if url else ANSWERS
    found = turns(before, after, regions, target.bake_minutes)
    gitlab = checked().gitlab
    if options.gitlab and gitlab:
        document = turns_pipeline(found, target, stage, gitlab)
        options.gitlab.write_text(written(document, "delivery/workflows/gitlab_turns.py"), encoding="utf-8")
    table = _table(options.stage, found)
    if options.markdown:
        options.markdown.write_text(table, encoding="utf-8")
    if not _told(options, found.as_json()) and not options.markdown:
        print(table, end="")
    return 0


def _table(stage: str, found: Turns) -> str:
    lines = [f"### Deployment to {stage}", ""]
    if found.turns:
        lines += ["| | stack | watched by alarms | bake time | then |", "|---|---|---|---|---|"]
        for turn in found.turns:
            watched = 0 if turn.alarms == "none" else len(turn.alarms.split())
            then = f"smoke test: {turn.smoke}" if turn.smoke else ""
            lines.append(f"| {turn.number} | `{turn.id}` | {watched} | {turn.bake} min | {then} |")
    else:
        lines.append("Nothing is to be deployed.")
    for name in found.left:
        lines += ["", f"`{name}` is not needed any more, and is left for somebody to delete."]
    return "\n".join([*lines, ""])


def _changes(options: argparse.Namespace, _: Path) -> int:
    stage = target_of(options.stage)[1]
    client = lookup_clients(stage.account)(options.region, "cloudformation")
    made = change_set(client, options.stack, options.change_set)
    if options.variables:
        options.variables.write_text(f"change_set_id={made.id or ''}\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(made.markdown, encoding="utf-8")
    if not _told(options, asdict(made)) and not options.markdown:
        print(made.markdown, end="")
    return 0


def _smoke(options: argparse.Namespace, _: Path) -> int:
    stage = target_of(options.stage)[1]
    url = address(lookup_clients(stage.account)(options.region, "cloudformation"), stage, options.region)
    if url is None:
        raise NotDelivered(f"{stage.name} has no serving API in {options.region}: is it deployed?")
    credentials = boto3.Session().get_credentials() if options.signed else None
    here = use_cases_in(stage.name, options.region, USE_CASES)
    failures = Smoke(Api(options.region, url, credentials), here, options.expect).failures()
    if not _told(options, {"stage": stage.name, "region": options.region, "failures": failures}):
        print("\n".join(failures) or f"{stage.name} answers in {options.region}")
    return 1 if failures else 0


def _note(options: argparse.Namespace, _: Path) -> int:
    print(MergeRequest.of(os.environ).write(options.file.read_text(encoding="utf-8")))
    return 0
