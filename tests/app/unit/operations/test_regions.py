"""Which region is active, what a switch would do, and a switch that is refused or begun."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from operations.regions import places
from pipeline.errors import InvalidInput, SwitchRefused
from pipeline.terms import Term
from tests.app.support.business.stages import DEV
from tests.app.support.regions.operated_stage import CENTRAL, REGIONS, TABLE, WEST, World, aws_client, publish

WHY = ["--why", "an exercise", "--by", "ann"]


@pytest.fixture
def world(aws: None) -> World:
    return World.made()


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_the_status_says_who_is_active_what_is_served_and_how_old_it_is(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(WEST, "20270115T030000000", Term(0, WEST))
    publish(CENTRAL, "20270114T030000000", Term(0, WEST))

    assert world.run("status", *REGIONS) == 0

    lines = said(capsys).splitlines()
    assert lines[0] == "dev: eu-west-1 is the active region, in epoch 0"
    assert lines[1].split(maxsplit=2) == [WEST, "primary", "active, epoch 0, schedules 4 of 4 on"]
    assert lines[2].split(maxsplit=1) == ["posts/personalize", "20270115T030000000  5.0 h old, epoch 0"]
    standby = next(line for line in lines if CENTRAL in line)
    assert standby.split(maxsplit=2) == [CENTRAL, "standby", "fenced, epoch 0, schedules 0 of 4 on"]
    assert any("20270114T030000000  29.0 h old" in line for line in lines)


def test_a_region_that_does_not_answer_is_said_and_hides_nothing_of_the_others(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.switched(lost=True)
    world.gone = {WEST}

    assert world.run("status", *REGIONS, "--json") == 1

    found = json.loads(said(capsys))
    assert (found["active"], found["epoch"]["number"]) == (CENTRAL, 1)
    assert [(one["region"], one["answers"], one["state"]) for one in found["regions"]] == [
        (WEST, False, "unknown"),
        (CENTRAL, True, "active"),
    ]
    assert [problem.split(":")[0] for problem in found["problems"]] == ["eu-west-1 does not answer"]


def test_a_region_that_has_come_back_has_not_heard_and_an_active_one_without_schedules_is_noticed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.switched(lost=True)
    world.turn(CENTRAL, "DISABLED")

    assert world.run("status", *REGIONS) == 1

    lines = said(capsys).splitlines()
    assert [line for line in lines if line.startswith("!")] == [
        "! eu-west-1 has not heard of epoch 1 yet",
        "! eu-central-1 is active, and 4 of its schedules are off: switch to it again",
    ]


def test_a_plan_says_steps_losses_and_models_and_begins_nothing(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert world.run("plan", *REGIONS, "--to", CENTRAL) == 0
    planned = said(capsys)
    world.gone = {WEST}
    assert world.run("plan", *REGIONS, "--to", CENTRAL, "--lost", "--json") == 0
    lost = json.loads(said(capsys))

    assert "Wait for what runs" in planned and "what speaks against it" not in planned
    assert "the last training took 1.5 training hours in eu-west-1" in planned
    assert [step["key"] for step in lost["steps"]] == ["look", "raise", "enable", "verify", "report"]
    assert any("nobody is told anything more in the week" in words for words in lost["losses"])
    assert world.machines.begun == []


REFUSED = {
    "a region that is none": (["--to", "mars 1"], set(), "mars 1 is no region of the stage dev"),
    "lost, though it answers": (["--to", CENTRAL, "--lost"], set(), "eu-west-1 answers, and is said to be"),
    "planned, though it does not answer": (["--to", CENTRAL], {WEST}, "does not answer, and would be asked"),
    "one that does not answer": (["--to", CENTRAL, "--lost"], {CENTRAL}, "can only be switched to when it"),
    "the active one": (["--to", WEST], set(), "there is nothing to do"),
    "lost and active": (
        ["--to", CENTRAL, "--without", CENTRAL],
        set(),
        "eu-central-1 cannot become active and be lost",
    ),
}


@pytest.mark.parametrize(("asked", "gone", "words"), REFUSED.values(), ids=REFUSED)
def test_a_switch_is_refused_with_its_reasons(
    world: World, asked: list[str], gone: set[str], words: str
) -> None:
    world.gone = gone

    with pytest.raises(SwitchRefused, match=words):
        world.run("switch", *REGIONS, *asked, *WHY, "--yes")

    assert world.machines.begun == []


def test_several_reasons_are_said_at_once(world: World) -> None:
    world.gone = {WEST}

    with pytest.raises(SwitchRefused) as refused:
        world.run("switch", *REGIONS, "--to", CENTRAL, "--without", "mars-1", *WHY, "--yes")

    reasons = str(refused.value).splitlines()
    assert len(reasons) == 2 and all(reason.startswith("not switched: ") for reason in reasons)


def test_a_switch_is_typed_and_what_was_done_is_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.typed = ["eu-central-2"]
    with pytest.raises(SwitchRefused, match="'eu-central-2' was typed"):
        world.run("switch", *REGIONS, "--to", CENTRAL, *WHY)
    world.typed = [CENTRAL]

    assert world.run("switch", *REGIONS, "--to", CENTRAL, *WHY) == 0

    assert world.machines.begun == [
        {
            "machine": f"arn:aws:states:{CENTRAL}:{DEV.account}:stateMachine:recs-dev-region-switch",
            **{"planned": True, "lost": [], "known": 0, "by": "ann", "why": "an exercise"},
        }
    ]
    assert said(capsys).splitlines() == [
        "     1.5 s  Start the schedules: 2 of 2 turned on",
        "eu-central-1 is the active region of dev, in epoch 7",
    ]


def test_without_the_lost_region_it_is_named_with_the_highest_epoch_that_is_known(world: World) -> None:
    world.switched()
    world.gone = {CENTRAL}

    assert world.run("switch", *REGIONS, "--to", WEST, "--lost", *WHY, "--yes") == 0
    world.gone = set()
    assert world.run("switch", *REGIONS, "--to", WEST, "--lost", "--force", *WHY, "--yes") == 0

    assert [(one["planned"], one["lost"], one["known"]) for one in world.machines.begun] == [
        (False, [CENTRAL], 1)
    ] * 2


def test_back_is_a_planned_switch_to_the_primary_once_it_has_heard_that_it_is_fenced(world: World) -> None:
    world.switched(lost=True)
    with pytest.raises(SwitchRefused, match="eu-west-1 has not heard of epoch 1 yet"):
        world.run("back", *REGIONS, *WHY, "--yes")
    copied = aws_client(CENTRAL, "dynamodb").scan(TableName=TABLE)["Items"]
    for item in copied:
        aws_client(WEST, "dynamodb").put_item(TableName=TABLE, Item=item)

    assert world.run("back", *REGIONS, *WHY, "--yes") == 0

    [begun] = world.machines.begun
    assert (begun["planned"], begun["lost"], begun["known"]) == (True, [], 1)
    assert f":{WEST}:" in begun["machine"]


def test_a_switch_under_way_is_followed_and_a_failure_says_what_to_do(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.machines.running = ["somebody-s-execution"]
    world.machines.cause = json.dumps({"errorType": "SwitchUnfinished", "errorMessage": "given up"})

    assert world.run("switch", *REGIONS, "--to", CENTRAL, *WHY, "--json") == 1

    told = capsys.readouterr()
    assert world.machines.begun == []
    assert "under way already, and followed: somebody-s-execution" in told.err
    assert "not switched to eu-central-1: Verify: given up\nThe region is active" in told.err
    assert json.loads(told.out)["reason"] == "given up"


def test_a_stage_may_want_the_region_typed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    careful = replace(DEV, switches_typed=True)
    monkeypatch.setattr(places, "STAGES", (careful,))

    with pytest.raises(SwitchRefused, match="the stage dev has switches_typed"):
        world.run("switch", *REGIONS, "--to", CENTRAL, *WHY, "--yes")


def test_an_unknown_stage_and_one_without_a_standby_say_so(world: World) -> None:
    with pytest.raises(InvalidInput, match="no stage 'nowhere' in config/stages"):
        world.run("status", "--stage", "nowhere")
    with pytest.raises(SwitchRefused, match="one region that may be active, eu-west-1: add a standby first"):
        world.run("switch", "--stage", "dev", "--to", CENTRAL, *WHY, "--yes")
