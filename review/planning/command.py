"""`deploy-plan`: which deployments a change needs, in which order."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from review.planning.deploy_plan import as_json, deploy_plan, lines_of, refusals
from review.reading.assemblies import assembly_of

DEPLOY_PLAN = "deploy-plan"
_EXAMPLES = """\
example:
  git worktree add ../before main && (cd ../before && cdk synth --quiet --output cdk.out)
  cdk synth --quiet --output cdk.out
  python -m review deploy-plan ../before/cdk.out cdk.out
  python -m review deploy-plan ../before/cdk.out cdk.out --order Prod-eu-west-1-Data,Prod-eu-west-2-Serving

exit codes: 0 the plan, or the order can be deployed; 1 something stands against it, and is printed; 2 wrong
arguments
"""


def add_command(commands: Any) -> None:
    parser = commands.add_parser(
        DEPLOY_PLAN,
        help="which deployments a change needs, in which order, from two folders of `cdk synth`",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("before", type=Path, help="cdk.out of what is deployed")
    parser.add_argument("after", type=Path, help="cdk.out of what is to be")
    parser.add_argument(
        "--order", metavar="STACK,...", help="say what stands against this order instead, if anything does"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    try:
        before, after = assembly_of(options.before), assembly_of(options.after)
    except (OSError, ValueError, KeyError) as error:
        print(error, file=sys.stderr)
        return 1
    if options.order is not None:
        found = refusals(before, after, [name for name in options.order.split(",") if name])
        if options.json:
            print(json.dumps({"refused": found}, indent=2))
        else:
            print("\n".join(found) or "nothing stands against this order")
        return 1 if found else 0
    plan = deploy_plan(before, after)
    print(json.dumps(as_json(plan), indent=2) if options.json else "\n".join(lines_of(plan)))
    return 1 if plan.stuck else 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m review", description=__doc__)
    add_command(parser.add_subparsers(dest="command", required=True, metavar="command"))
    return run(parser.parse_args(arguments))
