"""`restore-drill`: whether a stage's tables can be restored, and how long it takes."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from config.derived.tables import TABLES
from config.schema import StageConfig
from config.stages import STAGES
from operations.restoring.beside import RestoreRefused, described, window_of
from operations.restoring.drill import Drill, Drilled, lines_of

RESTORE_DRILL = "restore-drill"
_CONFIG = Config(connect_timeout=10, read_timeout=60, retries={"mode": "adaptive", "max_attempts": 10})


def add_command(commands: Any) -> None:
    parser = commands.add_parser(
        RESTORE_DRILL,
        help="restore a stage's tables beside, compare, and remove them; needs backups.drills",
        description="Reads each table twice and the restored one once. Nothing is written to a table of the "
        "stage. Exit code 1, if something was not restored as it was.",
    )
    parser.add_argument("--stage", required=True, help="staging or local, or another that has backups.drills")
    parser.add_argument("--region", help="of the tables (default: the stage's primary region)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(
    options: argparse.Namespace,
    client: Any = None,
    *,
    stages: Sequence[StageConfig] = STAGES,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """client: of DynamoDB. Raises: RestoreRefused, with every reason; RestoreFailed; TableBusy."""
    stage = _stage(options.stage, stages)
    region = options.region or stage.region
    client = client or boto3.client("dynamodb", region_name=region, config=_CONFIG)
    say = partial(print, file=sys.stderr if options.json else sys.stdout, flush=True)
    drilled = Drill(client, say, clock, sleep).run(_tables(client, stage, region))
    good = all(one.good for one in drilled)
    if options.json:
        tables = [_as_json(one) for one in drilled]
        print(json.dumps({"stage": stage.name, "good": good, "tables": tables}, indent=2))
    else:
        print("\n".join(lines_of(drilled)))
    longest = max(one.ready_seconds + one.compare_seconds for one in drilled)
    say(f"{'all as it was' if good else 'NOT ALL AS IT WAS'}; the slowest table took {longest:.1f} s")
    return 0 if good else 1


def _stage(name: str, stages: Sequence[StageConfig]) -> StageConfig:
    """Raises: RestoreRefused."""
    found = [stage for stage in stages if stage.name == name]
    if not found:
        names = ", ".join(stage.name for stage in stages)
        raise RestoreRefused(f"there is no stage {name!r} in config/stages.py: there are {names}")
    if not found[0].backups.drills:
        raise RestoreRefused(
            f"the stage {name} is not for drills: give it backups=Backups(drills=True) in config/stages.py"
        )
    return found[0]


def _tables(client: Any, stage: StageConfig, region: str) -> list[str]:
    """Raises: RestoreRefused."""
    names = [table.name(stage.name) for table in TABLES]
    there = [name for name in names if described(client, name) is not None]
    if not there:
        raise RestoreRefused(f"the stage {stage.name} has no table in {region}: {', '.join(names)}")
    without = [name for name in there if window_of(client, name) is None]
    if without:
        raise RestoreRefused("\n".join(f"{name} has no point-in-time recovery" for name in without))
    return there


def _as_json(one: Drilled) -> dict[str, Any]:
    return {
        "table": one.table,
        "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}",
        "good": one.good,
        "restoreSeconds": round(one.ready_seconds, 1),
        "compareSeconds": round(one.compare_seconds, 1),
        "behindSeconds": round(one.behind_seconds, 1),
        "oneOf": one.every,
        "kinds": {name: asdict(kind) for name, kind in one.kinds.items()},
    }
