"""How many people an experiment needs: `experiment plan`."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from pipeline.statistics.planning import Plan, Question, least_effect, plan
from pipeline.statistics.sequential import RHO

_EXAMPLES = """\
example, with the figures of an A/A phase of four weeks:
  --baseline 0.03 --effect 0.1 --impressions 14 --design-effect 2.6
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Of a command that has no others."""
    parser.epilog, parser.formatter_class = _EXAMPLES, argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--baseline", type=float, required=True, help="actions per impression now: 0.03 is 3 %%")
    add("--effect", type=float, required=True, help="the least lift worth finding: 0.1 is a tenth more")
    add("--impressions", type=float, required=True, help="that one person sees in all the days")
    add(
        "--design-effect",
        type=float,
        default=1.0,
        help="designEffect of an A/A report; 1 is of impressions that have nothing to do with each other",
    )
    add("--power", type=float, default=0.8, help="the chance to find it (default: %(default)s)")
    add(
        "--alpha",
        type=float,
        default=0.05,
        help="of a false alarm in all looks together (default: %(default)s)",
    )
    add(
        "--rho",
        type=float,
        default=RHO,
        help="alpha is spent by the share of days to this (default: %(default)s)",
    )
    add("--days", type=int, default=28, help="(default: %(default)s)")
    add("--look-every", type=int, default=7, metavar="DAYS", help="(default: %(default)s)")
    add("--people", type=int, help="of an arm, if there are no more: says what they show instead")
    add("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> str:
    """What to print. Raises: InvalidInput, which names every figure that cannot be."""
    question = Question(
        baseline=options.baseline,
        effect=options.effect,
        impressions=options.impressions,
        design_effect=options.design_effect,
        power=options.power,
        alpha=options.alpha,
        rho=options.rho,
        days=options.days,
        look_every=options.look_every,
    )
    found = plan(question)
    return as_json(found, options.people) if options.json else described(found, options.people)


def as_json(found: Plan, people: int | None = None) -> str:
    """people, impressions: of an arm. least_effect: that `people` show; None: they show nothing, or nobody
    asked.
    """
    least = None if people is None else least_effect(found.question, people)
    return json.dumps({**asdict(found), "least_effect": least}, indent=2)


def described(found: Plan, people: int | None = None) -> str:
    question = found.question
    after = question.baseline * (1 + question.effect)
    lines = [
        f"{question.baseline:.3%} against {after:.3%}, found with a chance of {question.power:.0%}:",
        f"  people         {found.people:>12,} in each of two arms",
        f"  impressions    {found.impressions:>12,} in each arm",
        f"  days           {question.days:>12,}, looks after {', '.join(map(str, found.looks))}",
        f"  looks cost     {found.inflation - 1:>12.1%} more people than one look at the end",
    ]
    if people is not None:
        least = least_effect(question, people)
        shown = "nothing" if least is None else f"a lift of {least:.1%}"
        lines.append(f"{people:,} people in each arm show {shown} with the same chance")
    if question.design_effect == 1:
        lines.append("an A/A phase tells the design effect; without it too few people are planned")
    return "\n".join(lines)
