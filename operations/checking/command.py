"""`check`: what runs of the use cases and notifications would say of a database; nothing is deployed."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from config.notifications import NOTIFICATIONS
from config.rules import check as check_configuration
from config.schema import Notification, StageConfig, UseCase, use_cases_in
from config.stages import STAGES
from config.types.errors import ConfigError
from config.use_cases import USE_CASES
from operations.checking import telling
from operations.checking.looking import Checked, Settings, check_notification, check_use_case
from pipeline.errors import DatabaseUnavailable, InvalidInput
from pipeline.extract.database import Database

CHECK = "check"
_DSN = "DATABASE_URL"
_PORT = 5432
Named = TypeVar("Named", UseCase, Notification)


def add_command(commands: Any) -> None:
    check = commands.add_parser(
        CHECK,
        help="every query of the configuration against a database, as a run would take it; needs no AWS",
        description=__doc__,
        epilog="exit codes: 0 a run would take all of it, 1 it would be refused, 2 nothing could be checked, "
        "or wrong arguments",
    )
    check.add_argument(
        "--dsn",
        default=os.environ.get(_DSN),
        help=f"postgresql://user:password@host:port/database?sslmode=require (default: ${_DSN})",
    )
    check.add_argument("--use-case", action="append", default=[], help="one of them; may be repeated")
    check.add_argument("--notification", action="append", default=[], help="one of them; may be repeated")
    check.add_argument("--stage", help="as it is there: overrides, and whom the audience leaves out")
    check.add_argument(
        "--files",
        type=Path,
        metavar="FOLDER",
        help="with the files of datasets that have no query, as they are to lie below uploads/ in the data "
        "bucket: <use case>/<dataset>.parquet or .csv",
    )
    check.add_argument("--seconds", type=float, default=840, help="for each query (default: %(default)g)")
    check.add_argument("--json", action="store_true", help="everything, with up to 100 rows of each finding")


def run(options: argparse.Namespace, *, clock: Callable[[], float] = time.time) -> int:
    """Answers the exit code. Raises: InvalidInput, if arguments do not fit."""
    try:
        check_configuration(STAGES, USE_CASES, NOTIFICATIONS)
        stage = _stage(options.stage)
        use_cases = use_cases_in(stage.name, stage.region, USE_CASES) if stage else USE_CASES
        chosen = _chosen("use case", options.use_case, use_cases, also=bool(options.notification))
        told = _chosen("notification", options.notification, NOTIFICATIONS, also=bool(options.use_case))
        asked = told or any(dataset.sql for one in chosen for dataset in one.datasets.values())
        database = database_of(options.dsn) if asked or options.dsn else None
        if options.files and not options.files.is_dir():
            raise ValueError(f"--files {options.files}: there is no such folder")
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    except ValueError as error:
        raise InvalidInput(str(error)) from None
    days = stage.audience.active_within_days if stage else None
    settings = Settings(now=clock(), seconds=options.seconds, active_within_days=days, files=options.files)
    try:
        checked = check(chosen, told, database, settings)
    except DatabaseUnavailable as error:
        print(f"the database cannot be reached, and nothing was checked: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(telling.as_json(checked), indent=2, ensure_ascii=False))
    else:
        print(telling.text(checked))
    return int(any(one.is_refused for one in checked))


def check(
    use_cases: Sequence[UseCase],
    notifications: Sequence[Notification],
    database: Database | None,
    settings: Settings,
) -> list[Checked]:
    """database: None, if nothing is asked of one. Raises: DatabaseUnavailable; InvalidInput."""
    told = [check_notification(one, database, settings) for one in notifications] if database else []
    return [*(check_use_case(use_case, database, settings) for use_case in use_cases), *told]


def database_of(dsn: str | None) -> Database:
    """Raises: ValueError, if it is none, or lacks something."""
    form = "postgresql://user:password@host:port/database"
    if not dsn:
        raise ValueError(f"say which database: --dsn {form}, or the same in ${_DSN}")
    parts = urlsplit(dsn)
    more = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    host, dbname = parts.hostname or more.get("host"), unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgresql", "postgres") or not host or not parts.username or not dbname:
        raise ValueError(f"--dsn must be like {form}: scheme, user, host and database are needed")
    try:
        port = parts.port or int(more.get("port", _PORT))
    except ValueError:
        raise ValueError(f"--dsn must be like {form}: the port is no number") from None
    return Database(
        host=host,
        port=port,
        username=unquote(parts.username),
        dbname=dbname,
        password=unquote(parts.password or ""),
        ssl=more.get("sslmode", "prefer"),
    )


def _stage(name: str | None) -> StageConfig | None:
    stages = {stage.name: stage for stage in STAGES}
    if name is not None and name not in stages:
        raise ValueError(f"there is no stage {name}: {', '.join(stages)}")
    return stages[name] if name else None


def _chosen(kind: str, names: Sequence[str], known: Sequence[Named], *, also: bool) -> tuple[Named, ...]:
    """Those of the names; all, unless some of another kind are asked for."""
    by_name = {one.name: one for one in known}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise ValueError(f"there is no {kind} {', '.join(unknown)}: {', '.join(by_name) or 'there are none'}")
    if not names:
        return () if also else tuple(known)
    return tuple(by_name[name] for name in names)
