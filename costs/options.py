"""What the commands have in common: which stage, which volumes, which templates."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from config.schema import StageConfig
from config.stages import STAGES
from costs.estimating.actual import NoRecord, known_volumes
from costs.estimating.templates import Misused, Refused, stacks_in, synthesised
from costs.usage.fixed import stage_of as stage_name
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack


def parser_of(command: str, description: str | None, examples: str) -> argparse.ArgumentParser:
    """command: empty for the estimate itself. examples: shown as they are."""
    return argparse.ArgumentParser(
        prog=f"python -m costs {command}".rstrip(),
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def give(file: Path | None, content: Any, text: str) -> None:
    """file: of --json, in which content is written, or printed in place of the text if it is -.

    Raises: OSError.
    """
    written = json.dumps(content, indent=2)
    if str(file) == "-":
        print(written)
        return
    if file:
        file.write_text(f"{written}\n", encoding="utf-8")
    print(text)


def add_volumes(parser: argparse.ArgumentParser) -> None:
    """An option for each field of `Volumes`, without a default: what is not given is assumed, and said."""
    group = parser.add_argument_group("volumes, which are assumed where nothing says them")
    for field in _fields():
        kind: Any = int if field.type == "int" else float
        default = "" if field.default in (None, MISSING) else f" (assumed: {field.default:g})"
        group.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=kind,
            metavar="NUMBER",
            help=f"{_HELP[field.name]}{default}",
        )
    group.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="last_good.json of a run: its people, rows and items in place of what is assumed",
    )


def add_stage(parser: argparse.ArgumentParser) -> None:
    names = [stage.name for stage in STAGES]
    default = next((stage.name for stage in STAGES if not stage.loopback_http), None)
    default = "prod" if "prod" in names else default
    parser.add_argument(
        "--stage",
        choices=names,
        default=default,
        required=default is None,
        help="which stage (default: %(default)s)",
    )


def add_assembly(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--assembly",
        type=Path,
        metavar="FOLDER",
        help="of `cdk synth --output`, in whose templates what costs something by being there is counted; "
        "else a synth is made (some ten seconds)",
    )


def counted_in(folder: Path | None, stage: StageConfig) -> Sequence[Stack]:
    """The stacks of an assembly. folder: None: one is made. Raises: Refused, if none is of the stage."""
    if folder is None:
        return synthesised(stage)
    stacks = stacks_in(folder)
    names = sorted({stage_name(stack) for stack in stacks})
    if stage.name not in names:
        raise Refused(f"{folder} has no stack of stage {stage.name}: it has {', '.join(names) or 'none'}")
    return stacks


def stage_on_aws(options: argparse.Namespace) -> StageConfig:
    """Raises: Misused, if the stage runs on a machine of one's own, and costs nothing on AWS."""
    stage = stage_of(options)
    if stage.loopback_http:
        others = ", ".join(one.name for one in STAGES if not one.loopback_http)
        raise Misused(
            f"--stage {stage.name} runs on your machine and costs nothing on AWS: choose from {others}"
        )
    return stage


def stage_of(options: argparse.Namespace) -> StageConfig:
    return next(stage for stage in STAGES if stage.name == options.stage)


def volumes_of(options: argparse.Namespace) -> Volumes:
    """Options before the record, the record before what is assumed. Raises: Refused, Misused."""
    given, known = from_record(options.record) if options.record else ({}, {})
    for field in _fields():
        value = getattr(options, field.name)
        if value is not None:
            given[field.name] = value
            known[field.name] = "given"
    try:
        return Volumes(**given, known=known)
    except ValueError as error:
        raise Misused(str(error)) from error


def from_record(file: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What the record of the last good run says, and that it does. Raises: Refused, if it is none."""
    try:
        record: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return known_volumes(record)
    except (OSError, NoRecord) as error:
        raise Refused(f"{file}: {error}") from error
    except ValueError as error:
        raise Refused(f"{file} is no JSON, as last_good.json of a run is: {error}") from error


def _fields() -> list[Any]:
    return [field for field in fields(Volumes) if field.name != "known"]


_HELP = {
    "people": "who are known",
    "active_share": "of them, with an interaction within the audience's days, 0 to 1",
    "interactions_per_person": "rows of interactions by people",
    "items": "items",
    "changed_days": "of seven, on which a run finds new data",
    "training_hours": "of one training of the first generation; else the published calculation's guesses",
    "requests_per_day": "of an active person, in all use cases together",
    "events_per_day": "of an active person, in all use cases together",
    "push_share": "of the people, who get a push message of a notification",
    "mail_share": "of the people, who get an e-mail of a notification",
    "interaction_bytes": "of a row of interactions",
    "person_bytes": "of a row of users",
    "item_bytes": "of a row of items",
    "endpoints": "interface endpoints that the database's subnets need, in each zone",
    "nat_gateways": "NAT gateways for these subnets",
    "server_processors": "vCPU of a server at a URL that answers in real time, where one is configured",
    "server_gb": "GB of memory of such a server",
}
