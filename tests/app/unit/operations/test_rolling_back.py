"""Rolling back is one command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from operations.cli import main
from pipeline.generations import Generations

TABLE = "recs-test-serving"
ONE, TWO = "20270101T000000000", "20270102T000000000"
WHERE = ["--stage", "test", "--use-case", "posts", "--region", "eu-west-1"]


@pytest.fixture
def generations(dynamodb: Any) -> Generations:
    generations = Generations(dynamodb, TABLE, "posts", "personalize")
    for number, name in enumerate((ONE, TWO), start=1):
        generations.store(name, ["a"], users=number * 1000, expires=4_000_000_000)
        generations.publish(name, users=number * 1000)
    return generations


def test_generations_are_listed_with_the_one_being_served(
    generations: Generations, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generations", *WHERE]) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"{ONE}       1,000 users  until 2096-10-02T07:06:40Z",
        f"{TWO}       2,000 users  until 2096-10-02T07:06:40Z  <- served",
    ]


def test_programs_get_generations_and_what_a_rollback_did_as_json(
    generations: Generations, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generations", *WHERE, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["generation"], one["users"], one["served"]) for one in listed] == [
        (ONE, 1000, False),
        (TWO, 2000, True),
    ]

    assert main(["rollback", *WHERE, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"generation": ONE, "users": 1000, "before": TWO}


def test_rolling_back_says_what_is_served_now(
    generations: Generations, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollback", *WHERE]) == 0
    assert capsys.readouterr().out == f"posts: {ONE} is served now (1,000 users), not {TWO}\n"

    assert main(["rollback", *WHERE, "--to", TWO]) == 0
    pointer = generations.pointer()
    assert pointer is not None
    assert pointer.generation == TWO


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["rollback", *WHERE, "--to", "20200101T000000000"], "does not exist (any more); there are: " + ONE),
        (["rollback", *WHERE, "--variant", "own"], "nothing is published yet for own"),
        (["generations", *WHERE, "--stage", "prod"], "there is no table recs-prod-serving in eu-west-1"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    generations: Generations, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    before = generations.pointer()

    assert main(arguments) == 1

    assert message in capsys.readouterr().err
    assert generations.pointer() == before


def test_an_empty_stage_has_no_generations(dynamodb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generations", *WHERE]) == 0

    assert "no generations in recs-test-serving" in capsys.readouterr().out


def test_wrong_arguments_end_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rollback", "--stage", "test"])

    assert ended.value.code == 2
    assert "--use-case" in capsys.readouterr().err


def test_the_command_explains_itself_from_the_root_of_the_repository() -> None:
    root = Path(__file__).parents[4]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    shown = subprocess.run(
        [sys.executable, "-m", "operations", "--help"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "rollback" in shown.stdout
    assert "exit codes" in shown.stdout
