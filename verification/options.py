"""The command line, and the plan that it asks for."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace

from config.schema import Database, SslMode, StageConfig
from verification.ground.plan import Plan, Refused, configured_stage, load

_DATABASE = ("vpc_id", "availability_zones", "subnet_ids", "security_group_id", "secret_name")


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m verification",
        description="Deploys the smallest form of a stage into your account, runs one use case on generated "
        "data, checks what is believed of AWS, removes all of it, and writes a report. Before, it says the "
        "price, and asks.",
    )
    add = parser.add_argument
    add("--stage", metavar="NAME", help="of config/stages.py, as Dev-eu-west-1")
    add("--account", metavar="ID", help="deploy into this account instead of the stage's")
    add("--region", help="instead of the stage's")
    add(
        "--database", choices=("stage", "none"), default="stage",
        help="stage: queries generate the data, in the stage's database; none: the data is CSV files",
    )  # fmt: skip
    for name in _DATABASE:
        listed = name in ("availability_zones", "subnet_ids")
        add(f"--{name.replace('_', '-')}", metavar="A,B" if listed else "ID", help="instead of the stage's")
    add("--ssl-mode", choices=[mode.value for mode in SslMode], help="instead of the stage's")
    add("--campaign", action="store_true", help="also a campaign, which is billed by the hour")
    add("--no-probes", action="store_true", help="no imports of odd files: they take an hour on AWS")
    add("--keep", action="store_true", help="leave it deployed; it goes on billing")
    add("--yes", action="store_true", help="do not ask")
    add("--run-id", metavar="RUN", help="go on with a run that was interrupted")
    add("--only-clean", metavar="RUN", help="only remove what a run has made")
    add("--endpoint", metavar="URL", default=os.environ.get("AWS_ENDPOINT_URL"), help="of a local cloud")
    options = parser.parse_args(arguments)
    if not (options.stage or options.run_id or options.only_clean):
        parser.error("--stage, --run-id or --only-clean")
    try:
        if options.stage:
            configured_stage(options.stage)
    except Refused as problem:
        parser.error(str(problem))
    return options


def planned(options: argparse.Namespace, run: str, now: float) -> Plan:
    """A new plan, or the one to go on with. Raises: Refused."""
    if options.run_id:
        return load(options.run_id)
    stage = configured_stage(options.stage)
    return Plan(
        run=run,
        of=stage.name,
        account=options.account or stage.account,
        region=options.region or stage.region,
        began=int(now),
        endpoint=options.endpoint,
        database=_database(options, stage),
        campaign=options.campaign,
    )


def _database(options: argparse.Namespace, stage: StageConfig) -> Database | None:
    given = {name: getattr(options, name) for name in _DATABASE if getattr(options, name)}
    for name in ("availability_zones", "subnet_ids"):
        if name in given:
            given[name] = tuple(given[name].split(","))
    if options.ssl_mode:
        given["ssl_mode"] = SslMode(options.ssl_mode)
    if options.database == "none":
        if given:
            raise Refused(f"--database none has no {', '.join(sorted(given))}")
        return None
    if stage.database is not None:
        return replace(stage.database, **given)
    missing = [f"--{name.replace('_', '-')}" for name in _DATABASE if name not in given]
    if missing and given:
        raise Refused(
            f"stage {stage.name} has no database: {', '.join(missing)} are needed, or --database none"
        )
    return Database(**given) if given else None
