"""`python -m review BASE HEAD`: what a change does to what is deployed, as a reviewer has to know it."""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from review.changes.impacts import DiffFailed
from review.reading.assemblies import assembly_of
from review.report.acknowledgements import acknowledgements_in
from review.report.as_json import as_json
from review.report.building import Costs, Report, Side, report_of
from review.report.commits import NoAssembly, assemblies_of, fork_of, is_commit
from review.report.markdown import comment, markdown
from review.report.policy import DEFAULT, BadPolicyFile, Policy, policy_of
from review.rules.policies import policies_of

_EXAMPLES = """\
BASE and HEAD: commits, working trees, or folders of `cdk synth`. Of two commits, BASE is where HEAD left it.

examples:
  python -m review origin/main .
  python -m review origin/main HEAD --markdown review.md --json review.json --description description.txt
  python -m review before/cdk.out after/cdk.out

exit codes: 0 nothing, or what is acknowledged, or less than the policy fails on; 1 findings to be
acknowledged or mended; 2 wrong arguments, or nothing to compare
"""


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m review",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("base", metavar="BASE", help="what is deployed")
    parser.add_argument(
        "head", metavar="HEAD", nargs="?", default=".", help="what is to be; this folder if absent"
    )
    parser.add_argument(
        "--markdown", metavar="FILE", type=Path, help="write the comment here: at most 60,000 characters"
    )
    parser.add_argument(
        "--whole", metavar="FILE", type=Path, help="write the whole report here, however long"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all findings here as JSON")
    parser.add_argument(
        "--description", metavar="FILE", type=Path, action="append", default=[],
        help="the description of the pull request, or a file: lines `acknowledge RULE [resource]: reason`",
    )  # fmt: skip
    parser.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="what fails, and how severe it is; review.toml of the configuration if it exists",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but what goes wrong")
    return parser


def main(arguments: Sequence[str], costs: Costs | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        policy = _policy(options.policy)
        texts = [file.read_text(encoding="utf-8") for file in options.description]
    except (OSError, BadPolicyFile) as error:
        print(error, file=sys.stderr)
        return 2
    base = options.base
    if is_commit(base) and not Path(base).exists():
        base = fork_of(base, options.head if is_commit(options.head) else "HEAD")
    try:
        with (
            tempfile.TemporaryDirectory(prefix="review-") as scratch,
            assemblies_of([base, options.head], Path(scratch)) as (before, after),
        ):
            report = _report(before, after, policy, texts, costs)
    except (NoAssembly, DiffFailed, OSError, ValueError, KeyError) as error:
        print(error, file=sys.stderr)
        return 2
    _write(report, options)
    return 1 if report.failing else 0


def _report(before: Path, after: Path, policy: Policy, texts: Sequence[str], costs: Costs | None) -> Report:
    accepted, problems = acknowledgements_in("\n".join(texts))
    return report_of(
        Side(estate=assembly_of(before), policies=policies_of(before)),
        Side(estate=assembly_of(after), policies=policies_of(after)),
        policy=policy,
        acknowledgements=accepted,
        problems=problems,
        costs=costs,
    )


def _policy(file: Path | None) -> Policy:
    if file is not None:
        return policy_of(file)
    return policy_of(DEFAULT) if DEFAULT.exists() else Policy()


def _write(report: Report, options: argparse.Namespace) -> None:
    text = comment(report)
    for file, content in (
        (options.markdown, text),
        (options.whole, markdown(report)),
        (options.json, json.dumps(as_json(report), indent=2, ensure_ascii=False) + "\n"),
    ):
        if file is not None:
            file.write_text(content, encoding="utf-8")
    if not options.quiet:
        print(text)
