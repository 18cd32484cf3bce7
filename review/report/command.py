"""`python -m review BASE HEAD`: what a change does to what is deployed, as a reviewer has to know it."""

import argparse
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from config.stages import STAGES
from review.changes.impacts import DiffFailed
from review.changes.model import place_of
from review.reading.assemblies import assembly_of
from review.report.acknowledgements import acknowledgements_in
from review.report.as_json import as_json
from review.report.building import Costs, Report, Side, report_of
from review.report.commits import ROOT, NoAssembly, assemblies_of, fork_of, is_commit, source_of, text_at
from review.report.markdown import comment, markdown
from review.report.policy import DEFAULT, BadPolicyFile, Policy, check_stages, policy_in, policy_of
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
        "--description", metavar="FILE", action="append", default=[],
        help="a file with the description of the pull request, or - for standard input: its lines "
        "`acknowledge RULE [resource]: reason` count; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--policy",
        metavar="FILE",
        type=Path,
        help="what fails, and how severe it is (default: review.toml of the configuration, as BASE has it)",
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but what goes wrong")
    return parser


def main(arguments: Sequence[str], costs: Costs | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        _writable(options)
        texts = [_text(name) for name in options.description]
        base = options.base
        if is_commit(base) and not Path(base).exists():
            base = fork_of(base, options.head if is_commit(options.head) else "HEAD")
        policy = _policy(options.policy, base)
    except (OSError, BadPolicyFile) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        with (
            tempfile.TemporaryDirectory(prefix="review-") as scratch,
            assemblies_of([base, options.head], Path(scratch)) as folders,
        ):
            sides = [
                _side(folder, named) for folder, named in zip(folders, (base, options.head), strict=True)
            ]
            report = _report(sides, policy, texts, costs)
        _write(report, options)
    except (NoAssembly, DiffFailed, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except Exception as error:
        traceback.print_exc()
        print(f"nothing was judged: the review failed ({type(error).__name__}: {error})", file=sys.stderr)
        return 2
    return 1 if report.failing else 0


def _side(folder: Path, named: str) -> Side:
    """folder: of the assembly of what is named."""
    return Side(estate=assembly_of(folder, source_of(named, folder)), policies=policies_of(folder))


def _report(sides: Sequence[Side], policy: Policy, texts: Sequence[str], costs: Costs | None) -> Report:
    accepted, problems = acknowledgements_in("\n".join(texts))
    there = {place_of(stack).stage for side in sides for stack in side.estate.values()}
    check_stages(policy, there | {stage.name.capitalize() for stage in STAGES})
    before, after = sides
    return report_of(
        before,
        after,
        policy=policy,
        acknowledgements=accepted,
        problems=problems,
        costs=costs,
    )


def _text(name: str) -> str:
    """Of a file, or of standard input. Raises: OSError, that says what is expected, if it cannot be read."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OSError(
            f"--description {name[:80]} cannot be read ({error}): name a file that holds the text, or - for "
            "standard input"
        ) from error


def _policy(file: Path | None, base: str) -> Policy:
    """That of what is deployed, where BASE has one: a change is not judged by a policy that it brings."""
    if file is not None:
        return policy_of(file)
    if DEFAULT.is_relative_to(ROOT) and (text := text_at(base, DEFAULT.relative_to(ROOT))) is not None:
        return policy_in(text, f"{DEFAULT.name} of {base}") if text else Policy()
    return policy_of(DEFAULT) if DEFAULT.exists() else Policy()


def _writable(options: argparse.Namespace) -> None:
    """Raises: OSError, that names all that cannot be written, and says what to do."""
    problems = []
    for name in ("markdown", "whole", "json"):
        file: Path | None = getattr(options, name)
        if file is None:
            continue
        if file.is_dir():
            problems.append(f"--{name} {file} is a folder: name a file")
        elif not file.parent.is_dir():
            problems.append(
                f"--{name} {file}: there is no folder {file.parent}: make it, or name another file"
            )
        elif not os.access(file if file.exists() else file.parent, os.W_OK):
            problems.append(f"--{name} {file} cannot be written: name a file that you may write")
    if problems:
        raise OSError("\n".join(problems))


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
