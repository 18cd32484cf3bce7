"""Arguments of all commands: who mistypes one is told what there is to choose from, with exit code 2, at
once; and who asks for JSON gets it of every command that has an answer.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import boto3
import pytest

from config.delivery import DELIVERY
from config.new.__main__ import main as new
from config.stages import STAGES
from config.use_cases import USE_CASES
from costs.command import COMMANDS as COSTS_COMMANDS
from costs.command import main as costs_of
from delivery.command import main as delivery
from engine.cli.main import main as engine
from local_cloud.cli import main as local_cloud
from operations.cli import main as operations
from personalize_server.cli import main as personalize_server
from review.planning.command import main as deploy_plan
from review.report.command import main as review
from trial_data.__main__ import main as trial_data
from verification.cli import main as verification


def costs(arguments: Sequence[str]) -> int:
    return costs_of(arguments, date(2026, 11, 30))


MAINS: dict[str, Callable[[list[str]], int]] = {
    "config.new": new,
    "costs": costs,
    "delivery": delivery,
    "engine": engine,
    "local_cloud": local_cloud,
    "operations": operations,
    "personalize_server": personalize_server,
    "review": review,
    "review deploy-plan": lambda words: deploy_plan(["deploy-plan", *words]),
    "trial_data": trial_data,
    "verification": verification,
}
COMMANDS = [file.parent.name for file in Path(__file__).parents[2].glob("*/__main__.py")]
STAGE_NAMES = ", ".join(stage.name for stage in STAGES)
STAGE = next(stage for stage in STAGES if not stage.loopback_http)
DELIVERED = next(stage for stage in STAGES for target in DELIVERY.targets if stage.name == target.stage)
USE_CASE_NAMES = ", ".join(one.name for one in USE_CASES)
ONE = USE_CASES[0].name
NO_STAGE = f"there is no stage 'nope': choose from {STAGE_NAMES}"
NO_CASE = f"there is no use case 'nope': choose from {USE_CASE_NAMES}"
RUNS = f"runs --stage {STAGE.name} --use-case {ONE}"
CONVERSION = f"conversion --stage {STAGE.name} --use-case {ONE}"
CHECK = "check --dsn postgresql://me@there/app"
PLAN = f"decommission --stage {STAGE.name} --plan"
PLACE = f"has no region 'nope': choose from {DELIVERED.region}"
NO_REGION = f"there is no region 'nope': choose from {STAGE.region}"

WRONG: list[tuple[str, str, str]] = [
    *((name, "--no-such-flag", "") for name in MAINS),
    *(
        ("operations", f"{words} --stage nope", NO_STAGE)
        for words in (
            f"runs --use-case {ONE}",
            f"generations --use-case {ONE}",
            f"rollback --use-case {ONE}",
            f"conversion --use-case {ONE}",
            "redrive",
            f"experiment show --use-case {ONE}",
            f"compare --use-case {ONE}",
            "region status",
            "region plan --to eu-central-1",
            "restore-drill",
            "check --dsn postgresql://me@there/app",
        )
    ),
    ("operations", f"runs --stage {STAGE.name} --use-case nope", NO_CASE),
    ("operations", f"{RUNS} --region nope", NO_REGION),
    (
        "operations",
        f"runs --stage {STAGE.name} --use-case {ONE} --last 0",
        "--last must be a number above 0, got 0",
    ),
    ("operations", f"{RUNS} --last many", "invalid int value: 'many'"),
    ("operations", f"runs --stage {STAGE.name} --notification nope", "there is no notification 'nope'"),
    ("operations", f"generations --stage {STAGE.name} --use-case nope", NO_CASE),
    (
        "operations",
        f"{CONVERSION} --days -1",
        "--days must be a number above 0",
    ),
    (
        "operations",
        f"{CHECK} --seconds -4",
        "--seconds must be a number above 0, got -4",
    ),
    (
        "operations",
        f"{CHECK} --seconds nan",
        "--seconds must be a number above 0, got nan",
    ),
    ("operations", f"{CHECK} --use-case nope", NO_CASE),
    ("operations", "check --dsn nope", "--dsn must be like postgresql://"),
    (
        "operations",
        "check --dsn nope --stage nope --use-case nope --seconds 0",
        f"{NO_STAGE}; {NO_CASE}; --seconds",
    ),
    (
        "operations",
        f"{PLAN} --pause -1",
        "--pause must be a number of at least 0",
    ),
    ("operations", f"{PLAN} --proof there.json", "--proof goes with --yes"),
    ("operations", "experiment plan --baseline 2 --effect 0.1 --impressions 3", "baseline"),
    ("delivery", "turns --stage nope --assembly cdk.out", "invalid choice: 'nope' (choose from"),
    (
        "delivery",
        f"smoke --stage {DELIVERED.name} --region nope",
        PLACE,
    ),
    (
        "delivery",
        f"changes --stage {DELIVERED.name} --region nope --stack S --change-set C",
        PLACE,
    ),
    ("costs", "--stage nope", "invalid choice: 'nope' (choose from"),
    ("costs", f"--stage {STAGE.name} --region nope", f"no region 'nope', there are: {STAGE.region}"),
    ("costs", f"--stage {STAGE.name} --use-case nope", f"no use case 'nope', there are: {ONE}"),
    ("costs", "--people -1", "people is -1: it must be a number of at least 0"),
    ("costs", "--people nan --changed-days 8", "invalid int value: 'nan'"),
    ("costs", "--changed-days 8", "changed_days is 8.0: a week has 7"),
    ("costs", "--requests-per-day inf", "requests_per_day is inf"),
    ("costs", "nope", "there is no command 'nope'; there are: ask"),
    ("costs", "ask nope", "invalid choice: 'nope' (choose from"),
    ("costs", "ask whom --people -1", "people is -1"),
    ("costs", "actual", "name files of records, or the stage's data bucket with --bucket"),
    ("costs", "actual --people -1 last_good.json", "people is -1"),
    ("costs", "refresh --region nope index.json", "invalid choice: 'nope' (choose from"),
    ("costs", "page now", "unrecognized arguments: now"),
    ("config.new", "use-case Gift-Ideas", "'Gift-Ideas': a name must be lower-case words"),
    ("config.new", "notification gifts --use-case nope", f"there are {USE_CASE_NAMES}"),
    (
        "trial_data",
        "simulate --folder there --people 0 --seed -1",
        "--people must be at least 1, got 0; --seed",
    ),
    ("trial_data", "simulate --url https://there", "--url needs --use-case and --path"),
    ("trial_data", "simulate --folder there --day yesterday", "must be a day such as 2026-11-20"),
    ("local_cloud", "region down nope", "there is no region 'nope': choose from "),
    ("local_cloud", "region links --seconds -1", "must be a number of seconds of at least 0"),
    ("local_cloud", "up --time-scale 0", "must be a number above 0, got '0'"),
    ("local_cloud", "up --port 70000", "must be a whole number from 1 to"),
    ("local_cloud", "demo-migration --seed -1", "must be a whole number of at least 0"),
    ("verification", "--stage nope", "there is no stage nope: one of"),
    ("verification", "", "--stage, --run-id or --only-clean"),
    ("engine", "train --model nope", ""),
    ("engine", "bench --users 0", "must be a whole number above 0, got '0'"),
    ("personalize_server", "serve --data there --no-auth --port -1", "port"),
    ("personalize_server", "serve --data there --no-auth --quota nope=1", "nope"),
]


@pytest.mark.parametrize(("name", "words", "told"), WRONG, ids=[" ".join(row[:2]) for row in WRONG])
def test_a_wrong_argument_ends_with_2_and_says_what_there_is(
    name: str,
    words: str,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Usage and reason on standard error, no trace, and nobody is asked for credentials."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(boto3, "client", None)
    monkeypatch.setattr(boto3, "Session", None)

    try:
        code = MAINS[name](words.split())
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else -1

    said = capsys.readouterr()
    assert code == 2
    assert said.err.startswith("usage: ") and said.out == ""
    assert told in " ".join(said.err.split())
    assert "Traceback" not in said.err


def test_every_command_is_tried() -> None:
    """Benchmarks check names themselves; the sample's database goes with the sample."""
    assert {name.split()[0] for name in MAINS} - {"config.new"} == set(COMMANDS) - {
        "benchmarks",
        "sample_database",
    }


WITHOUT_JSON = {
    "config.new use-case": "writes files, and names them",
    "config.new notification": "writes files, and names them",
    "costs page": "is a page",
    "costs published": "is a page",
    "costs refresh": "changes files under version control, whose difference is the answer",
    "delivery files": "writes files; --check ends with 1 if one is not current",
    "delivery note": "writes a note",
    "local_cloud up": "`status --json` and `env --json` say what is there afterwards",
    "local_cloud down": "leaves nothing",
    "local_cloud demo": "is a story; its checks decide on the exit code",
    "local_cloud demo-migration": "is a story; its checks decide on the exit code",
    "local_cloud drill": "is a story; its checks decide on the exit code",
    "local_cloud token": "its whole output is the token",
    "personalize_server backup": "writes a folder",
    "personalize_server compatibility": "is a page",
    "personalize_server serve": "is a server",
    "trial_data fetch": "downloads files",
    "verification": "writes its report as JSON, too",
}
"""Commands with no answer that a program would read, and why."""


class _Parser(BaseException):
    """Of a command line; none of what it parses is done."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser


def parser_of(name: str, *words: str) -> argparse.ArgumentParser:
    with pytest.raises(_Parser) as caught:
        MAINS[name](list(words))
    return caught.value.parser


def leaves(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, bool]]:
    """Every command of the parser, and whether it takes --json."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, command in action.choices.items():
                yield from leaves(f"{name} {word}", command)
            return
    yield name, any("--json" in action.option_strings for action in parser._actions)


def test_every_command_with_an_answer_gives_it_to_programs_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    def caught(parser: argparse.ArgumentParser, *_: object) -> argparse.Namespace:
        raise _Parser(parser)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", caught)
    parsers = {name: parser_of(name) for name in MAINS}
    parsers |= {f"costs {word}": parser_of("costs", word) for word in COSTS_COMMANDS}
    found = {leaf: takes for name, parser in parsers.items() for leaf, takes in leaves(name, parser)}

    assert {leaf for leaf, takes in found.items() if not takes} == set(WITHOUT_JSON)
    assert {"engine evaluate", "local_cloud status", "operations experiment show"} <= found.keys()
