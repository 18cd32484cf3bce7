"""The last runs of a use case or a notification: how each ended, and why."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from config.derived.names import RUN_LENGTH, name_in
from pipeline.errors import ObjectMissing

RUNS = "runs"
_SUCCEEDED = "SUCCEEDED"
_WIDTH = 160


def add_command(commands: Any, stage: argparse.ArgumentParser) -> None:
    runs = commands.add_parser(
        RUNS,
        parents=[stage],
        help="the last runs: published, kept, unchanged, skipped, fenced or failed, and why",
    )
    of = runs.add_mutually_exclusive_group(required=True)
    of.add_argument("--use-case", help="by its name in the configuration")
    of.add_argument("--notification", help="by its name in the configuration")
    runs.add_argument("--last", type=int, default=10, metavar="N", help="how many (default: %(default)s)")
    runs.add_argument("--json", action="store_true", help="with whole reasons, as JSON")


@dataclass(frozen=True)
class Variant:
    """What became of one variant, in a run that has several."""

    variant: str
    outcome: str
    why: str


@dataclass(frozen=True)
class Run:
    """outcome: what the workflow says, else the execution's status in small letters. seconds: None while it
    goes on.
    """

    run: str
    execution: str
    started: str
    seconds: float | None
    outcome: str
    why: str
    variants: tuple[Variant, ...] = ()


def run(options: argparse.Namespace, clients: Callable[[str], Any]) -> None:
    """clients: makes an AWS client for a service's name. Raises: ObjectMissing, if the stage has no such
    workflow.
    """
    client, what = clients("stepfunctions"), options.use_case or options.notification
    name, region = name_in(options.stage, what), client.meta.region_name
    account = clients("sts").get_caller_identity()["Account"]
    found = last(client, f"arn:aws:states:{region}:{account}:stateMachine:{name}", options.last)
    if options.json:
        print(json.dumps([asdict(each) for each in found], indent=2, ensure_ascii=False))
        return
    if not found:
        print(f"{what}: no runs yet in {region}; Step Functions keeps them for 90 days")
    for line in _lines(found):
        print(line)


def last(client: Any, machine: str, number: int) -> list[Run]:
    """The newest first. client: of Step Functions. Raises: ObjectMissing, if the machine is not there."""
    pages = client.get_paginator("list_executions").paginate(
        stateMachineArn=machine, PaginationConfig={"PageSize": min(number, 100)}
    )
    try:
        listed = list(islice((each for page in pages for each in page["executions"]), number))
    except client.exceptions.StateMachineDoesNotExist as error:
        raise ObjectMissing(f"there is no state machine {machine}: is it deployed there?") from error
    return [_run(client.describe_execution(executionArn=each["executionArn"])) for each in listed]


def _run(described: Mapping[str, Any]) -> Run:
    started, stopped = described["startDate"], described.get("stopDate")
    status, output = described["status"], _output(described)
    outcome = output.get("outcome", "succeeded") if status == _SUCCEEDED else status.lower().replace("_", " ")
    return Run(
        run=str(output.get("run") or _run_id(started)),
        execution=described["executionArn"],
        started=started.astimezone(UTC).isoformat(timespec="seconds"),
        seconds=(stopped - started).total_seconds() if stopped else None,
        outcome=outcome,
        why=_why(output) if status == _SUCCEEDED else _failure(described),
        variants=tuple(
            Variant(each["variant"], each["outcome"], _why(each)) for each in output.get("variants", ())
        ),
    )


def _output(described: Mapping[str, Any]) -> Mapping[str, Any]:
    output = json.loads(described.get("output") or "{}")
    return output if isinstance(output, dict) else {}


def _run_id(started: datetime) -> str:
    """As the workflow makes it of its execution's start."""
    return started.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")[:RUN_LENGTH]


def _why(output: Mapping[str, Any]) -> str:
    parts = [str(output[name]) for name in ("reason", "error", "cause") if output.get(name)]
    if users := output.get("users"):
        parts.append(f"lists for {users:,}")
    return ": ".join(parts) or str(output.get("verdict") or "")


def _failure(described: Mapping[str, Any]) -> str:
    return ": ".join(str(described[name]) for name in ("error", "cause") if described.get(name))


def _lines(runs: Sequence[Run]) -> list[str]:
    lines = [f"{'run':{RUN_LENGTH}}  {'started':16}  {'took':>8}  {'outcome':10}  why"] if runs else []
    for each in runs:
        started, why = each.started[:16].replace("T", " "), _short(each.why)
        lines.append(
            f"{each.run:{RUN_LENGTH}}  {started:16}  {_took(each.seconds):>8}  {each.outcome:10}  {why}"
        )
        lines += [f"  {one.variant}: {one.outcome}  {_short(one.why)}".rstrip() for one in each.variants]
    return [line.rstrip() for line in lines]


def _took(seconds: float | None) -> str:
    return "-" if seconds is None else str(timedelta(seconds=round(seconds)))


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _WIDTH else f"{one_line[: _WIDTH - 3]}..."
