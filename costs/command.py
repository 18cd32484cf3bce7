"""`python -m costs`: what a stage costs a month, and answers to what is asked of it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from config.notifications import NOTIFICATIONS
from config.schema import StageConfig, use_cases_in
from config.use_cases import USE_CASES
from costs import actual_command, ask_command, page_command, published_command, refresh_command
from costs.delta import delta, lines_of
from costs.estimating.estimate import Estimate, fixed_of, priced, stage_lines
from costs.estimating.sizes import by_variant
from costs.estimating.templates import Misused, Refused, stacks_in
from costs.options import (
    add_assembly,
    add_stage,
    add_volumes,
    counted_in,
    give,
    parser_of,
    stage_of,
    volumes_of,
)
from costs.prices.catalogue import BadPrices, catalogue
from costs.prices.price import UnknownPrice
from costs.show.as_json import as_json
from costs.show.page import page
from costs.show.plot import curves
from costs.show.table import table
from costs.usage.fixed import stage_of as stage_name
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack

_EXAMPLES = """\
examples:
  python -m costs --stage prod --people 100000 --active-share 0.3
  python -m costs --assembly cdk.out --json prod.json --html prod.html
  python -m costs --against ../before/cdk.out --assembly cdk.out
  python -m costs --region eu-west-1 --use-case films --variant personalize

further commands, each with --help:
  ask QUESTION    batch-or-campaign, v1-or-v2, how-often, whom, personalize-or-own, regions: the point
                  where the answer turns, and a plot
  published       a calculation that was published, to the cent, and what is wrong with it
  page            prints docs/costs.md
  refresh FILE    prices anew from AWS's offer files (untried on a whole one of today)
  actual          what runs used, beside what was estimated for them

exit codes: 0 the estimate; 1 a price is unknown, or a file cannot be used; 2 wrong arguments
"""
ROUTED_FROM = "us-east-1"
"""Where the stack `Routing` of a stage with a domain is."""


COMMANDS = ("ask", "published", "page", "refresh", "actual")


def main(arguments: Sequence[str], today: date) -> int:
    """today: by which prices are found to be old."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", arguments)
    try:
        match command:
            case "ask":
                return ask_command.run(rest, today)
            case "page":
                return page_command.run(rest)
            case "refresh":
                return refresh_command.run(rest, today)
            case "actual":
                return actual_command.run(rest, today)
            case "published":
                return published_command.run(rest)
            case _ if command and not command.startswith("-"):
                _parser().error(f"there is no command {command!r}; there are: {', '.join(COMMANDS)}")
            case _:
                return _estimate(_parser().parse_args(arguments), today)
    except BrokenPipeError:
        # Whoever reads has seen enough; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Misused as problem:
        _PARSERS.get(command, _parser)().error(str(problem))
    except (Refused, UnknownPrice, BadPrices, OSError) as problem:
        print(f"costs: {problem}", file=sys.stderr)
        return 1


_PARSERS: Mapping[str, Callable[[], argparse.ArgumentParser]] = {
    "ask": ask_command.parser,
    "actual": actual_command.parser,
}
"""Of commands that may find arguments wrong after they were parsed."""


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("", __doc__, _EXAMPLES)
    add_stage(parser)
    add_assembly(parser)
    parser.add_argument(
        "--against",
        type=Path,
        metavar="FOLDER",
        help="an earlier synth: what changes since then costs",
    )
    parser.add_argument("--region", help="lines of this region only")
    parser.add_argument("--use-case", help="lines of this use case only")
    parser.add_argument("--variant", help="lines of this variant only")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write it as JSON; - prints it instead of the table"
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write it as a page, with a plot over people"
    )
    add_volumes(parser)
    return parser


def _estimate(options: argparse.Namespace, today: date) -> int:
    stage, volumes = stage_of(options), volumes_of(options)
    if stage.loopback_http:
        words = f"{stage.name}: 0 US dollars a month: it runs on your machine, and nothing of it is on AWS"
        give(options.json, as_json(Estimate((), today)), words)
        return 0
    if options.against:
        useless = [name for name in ("region", "use_case", "variant", "html") if getattr(options, name)]
        if useless:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in useless)
            raise Misused(f"{names}: not together with --against, which says all that changes")
    _require(options, stage)
    stacks = counted_in(options.assembly, stage)
    if options.against:
        return _against(options, stacks, volumes, today)
    found = _chosen(estimated(stage, volumes, stacks, today), options)
    give(options.json, as_json(found), table(found))
    if options.html:
        series = by_variant(stage, volumes, today, fixed_of(stage, stacks))
        plot = curves("By people", series, across="people", up="US dollars a month")
        title = f"What {stage.name} costs a month"
        options.html.write_text(page(title, found, [plot]), encoding="utf-8")
    return 0


def _require(options: argparse.Namespace, stage: StageConfig) -> None:
    """Before a synth is made. Raises: Misused, with all that is not there."""
    routed = (ROUTED_FROM,) if stage.api.domain else ()
    there = {
        "region": (*stage.regions, *routed),
        "use_case": tuple(one.name for one in use_cases_in(stage.name, stage.region, USE_CASES)),
    }
    wrong = [
        f"stage {stage.name} has no {name.replace('_', ' ')} {asked!r}, there are: {', '.join(known)}"
        for name, known in there.items()
        if (asked := getattr(options, name)) is not None and asked not in known
    ]
    if wrong:
        raise Misused("; ".join(wrong))


def _against(options: argparse.Namespace, stacks: Sequence[Stack], volumes: Volumes, today: date) -> int:
    before = stacks_in(options.against)
    if not options.assembly:
        before = [stack for stack in before if stage_name(stack) == options.stage]
    changes = delta(before, stacks, volumes, today=today)
    give(options.json, [asdict(change) for change in changes], "\n".join(lines_of(changes)))
    return 0


def estimated(stage: StageConfig, volumes: Volumes, stacks: Sequence[Stack], today: date) -> Estimate:
    """Of the stage as it is configured. Raises: UnknownPrice, BadPrices."""
    lines = stage_lines(stage, USE_CASES, NOTIFICATIONS, volumes, fixed_of(stage, stacks))
    return priced(lines, catalogue(), today)


def _chosen(whole: Estimate, options: argparse.Namespace) -> Estimate:
    """Priced with all the others, through the account's tiers. Raises: Misused, if there are none."""
    wanted = {"region": options.region, "use_case": options.use_case, "variant": options.variant}
    asked = {name: value for name, value in wanted.items() if value is not None}
    lines = tuple(
        one
        for one in whole.lines
        if all(getattr(one.line.where, name) == value for name, value in asked.items())
    )
    if not lines:
        there = {
            name: ", ".join(sorted({getattr(one.line.where, name) for one in whole.lines} - {""}))
            for name in asked
        }
        said = " and ".join(f"{name} {value!r}" for name, value in asked.items())
        known = "; ".join(f"of {name} there are {there[name]}" for name in asked)
        raise Misused(f"no line has {said}{' together' if len(asked) > 1 else ''}: {known}")
    return Estimate(lines, whole.today)
