"""Experiments are changed by a command each, with who, when and why; what is refused is told at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from operations.cli import main
from pipeline.experiments.items import current_key
from pipeline.experiments.store import ExperimentStore
from pipeline.generations import Generations
from tests.app.support.in_memory import TABLE

WHERE = ["--stage", "test", "--use-case", "posts", "--region", "eu-west-1"]
WHY = ["--why", "to see", "--by", "ann"]
DESIGN = ["--hypothesis", "own is as good", "--metric", "likes per impression", "--salt", "s0"]


def change(action: str, *more: str) -> int:
    return main(["experiment", action, *WHERE, *WHY, *more])


@pytest.fixture
def store(dynamodb: Any) -> ExperimentStore:
    """Both variants are published."""
    for variant in ("personalize", "own"):
        Generations(dynamodb, TABLE, "posts", variant).publish("20270101T000000000", users=1)
    return ExperimentStore(dynamodb, TABLE, "posts")


def state(store: ExperimentStore) -> tuple[Any, ...]:
    current = store.current()
    assert current
    return current.version, current.state, current.exposure, current.held_back


def test_an_experiment_is_led_from_shadow_to_full_and_ended(store: ExperimentStore) -> None:
    steps = [
        (("start", *DESIGN), (1, "shadow", 0, 0)),
        (("step", "--phase", "aa", "--expose", "20%"), (2, "aa", 2_000, 0)),
        (("step", "--phase", "running", "--override", "a=b=control"), (3, "running", 2_000, 0)),
        (("pause",), (4, "paused", 2_000, 0)),
        (("resume",), (5, "running", 2_000, 0)),
        (("step", "--expose", "10000"), (6, "running", 10_000, 0)),
        (("back",), (7, "returned", 10_000, 0)),
        (("resume",), (8, "running", 10_000, 0)),
        (("full", "--hold-back", "2.5%"), (9, "full", 10_000, 250)),
        (("stop",), (10, "stopped", 10_000, 250)),
        (("start", *DESIGN[:-1], "s1"), (11, "shadow", 0, 0)),
    ]
    for arguments, expected in steps:
        assert change(*arguments) == 0, arguments
        assert state(store) == expected

    kept = [past.experiment for past in store.history()]
    assert [(one.version, one.changed_by, one.why) for one in kept if one] == [
        (number, "ann", "to see") for number in range(1, 12)
    ]
    assert kept[2] and kept[2].overrides == {"a=b": "control"}
    assert kept[0] and (kept[0].region, kept[0].arms[0].variant, kept[0].arms[1].weight) == (
        *("eu-west-1", "own", 5_000),
    )


def test_changes_are_of_the_clock_that_is_given(store: ExperimentStore) -> None:
    assert main(["experiment", "start", *WHERE, *WHY, *DESIGN], clock=lambda: 1_800_000_000) == 0

    current = store.current()
    assert current and current.changed_at == current.started_at == "2027-01-15T08:00:00Z"


def test_who_changes_it_is_the_caller_unless_said(store: ExperimentStore) -> None:
    assert main(["experiment", "start", *WHERE, "--why", "to see", *DESIGN]) == 0

    current = store.current()
    assert current and current.changed_by.startswith("arn:aws:sts::")


def test_state_and_history_are_shown(store: ExperimentStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["experiment", "show", *WHERE]) == 0
    assert capsys.readouterr().out == "posts: no experiment in recs-test-serving\n"
    change("start", *DESIGN)
    change("step", "--phase", "running", "--expose", "20%", "--override", "7=treatment")
    change("full", "--hold-back", "100")
    capsys.readouterr()

    assert main(["experiment", "show", *WHERE]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["1", "2", "3"]
    assert lines[1].endswith("running   exposure 2,000  ann: to see")
    assert lines[2].endswith("full      exposure 10,000, 100 held back  ann: to see")
    assert lines[3:9] == [
        "posts: version 3 is full",
        "  hypothesis  own is as good",
        "  metric      likes per impression",
        "  exposure    100 % of all people",
        "  treatment   50 % of them, own",
        "  control     50 % of them, personalize",
    ]
    assert lines[9:11] == ["  held back   1 % of all people", "  tester      7 in treatment"]


def test_programs_read_json(store: ExperimentStore, capsys: pytest.CaptureFixture[str]) -> None:
    change("start", *DESIGN, "--json")
    made = json.loads(capsys.readouterr().out)
    assert main(["experiment", "show", *WHERE, "--json"]) == 0

    shown = json.loads(capsys.readouterr().out)

    assert (made["version"], made["state"], made["changed_by"]) == (1, "shadow", "ann")
    assert shown == {"useCase": "posts", "current": made, "history": [made]}


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        (("step", "--expose", "10%", "--phase", "shadow", "--override", "u=third"),
         ["phase must not go from running to shadow", "exposure only grows: it is 2,000",
          "overrides must give a user one of the arms"]),
        (("start", *DESIGN, "--phase", "running", "--treatment", "heuristic"),
         ["there is one already, running since", "salt must be a new one",
          "nothing is published yet for heuristic"]),
        (("resume",), ["it is running, and must be paused or returned"]),
        (("full", "--hold-back", "6%"), ["hold-back must be 100 to 500"]),
        (("step",), ["nothing was asked for"]),
    ],
)  # fmt: skip
def test_what_is_refused_is_told_altogether_and_changes_nothing(
    store: ExperimentStore,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    reasons: list[str],
) -> None:
    change("start", *DESIGN, "--phase", "running", "--expose", "2000")
    before = store.current()

    assert change(*arguments) == 1

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "posts: the experiment stays as it is:"
    assert len(lines) == 1 + len(reasons)
    for line, reason in zip(lines[1:], reasons, strict=True):
        assert line.startswith(f"  - {reason}")
    assert store.current() == before


def test_nobody_gets_lists_that_are_not_there(dynamodb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert change("start", *DESIGN) == 0

    assert change("step", "--phase", "running") == 1

    assert "nothing is published yet for own" in capsys.readouterr().err


def test_without_an_experiment_nothing_but_a_start_makes_sense(
    dynamodb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert change("stop") == 1
    assert "there is none yet: start one" in capsys.readouterr().err
    assert change("stop", "--stage", "prod") == 1
    assert "there is no table recs-prod-serving in eu-west-1" in capsys.readouterr().err


def test_an_item_that_was_lost_goes_on_from_its_history(
    store: ExperimentStore, capsys: pytest.CaptureFixture[str]
) -> None:
    change("start", *DESIGN, "--phase", "running", "--expose", "2000")
    store.client.delete_item(TableName=TABLE, Key=current_key("posts"))

    assert main(["experiment", "show", *WHERE]) == 0
    assert "the next change goes on from version 1" in capsys.readouterr().out
    assert change("start", *DESIGN) == 1
    assert change("step", "--expose", "5000") == 0
    assert state(store) == (2, "running", 5_000, 0)


def test_a_broken_item_is_told_and_left_alone(
    store: ExperimentStore, capsys: pytest.CaptureFixture[str]
) -> None:
    change("start", *DESIGN)
    store.client.update_item(
        TableName=TABLE,
        Key=current_key("posts"),
        UpdateExpression="SET salt = :n",
        ExpressionAttributeValues={":n": {"N": "1"}},
    )

    for action in ("stop", "show"):
        arguments = ["experiment", action, *WHERE, *(WHY if action == "stop" else ())]
        assert main(arguments) == 1
        assert "the experiment of posts is broken: salt cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["step", "--expose", "101%", "--why", "x"],
            "must be a whole number up to 10,000, or a share as 20%",
        ),
        (["step", "--expose", "0.001%", "--why", "x"], "must be a whole number"),
        (["step", "--expose", "-1", "--why", "x"], "must be a whole number"),
        (["step", "--override", "u", "--why", "x"], "must be USER=ARM, such as 196=treatment"),
        (["stop"], "the following arguments are required: --why"),
        (["start", "--why", "x"], "--hypothesis, --metric"),
    ],
)
def test_wrong_arguments_end_with_the_usage(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["experiment", arguments[0], *WHERE, *arguments[1:]])

    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_a_plan_says_how_many_people_are_needed_and_what_cannot_be(
    capsys: pytest.CaptureFixture[str],
) -> None:
    question = ["--baseline", "0.03", "--impressions", "14", "--design-effect", "2.6"]

    assert main(["experiment", "plan", *question, "--effect", "0.1"]) == 0
    assert "10,148 in each of two arms" in capsys.readouterr().out
    assert main(["experiment", "plan", *question, "--effect", "0", "--power", "2"]) == 2
    told = capsys.readouterr().err
    assert "power must lie between 0 and 1" in told and "effect 0.0 makes no other share" in told


def test_an_a_a_phase_can_be_paused_and_says_so(
    store: ExperimentStore, capsys: pytest.CaptureFixture[str]
) -> None:
    change("start", *DESIGN, "--phase", "aa", "--expose", "20%")
    capsys.readouterr()

    assert change("pause") == 0
    assert "version 2 is aa, paused now, not aa" in capsys.readouterr().out
    assert change("step", "--phase", "running") != 0
    assert change("resume") == 0 and state(store) == (3, "aa", 2_000, 0)
