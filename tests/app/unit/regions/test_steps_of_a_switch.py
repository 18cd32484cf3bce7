"""A switch, step by step: planned, without the region that is gone, back again, after a failure midway."""

from __future__ import annotations

import pytest

from config.derived.switching import SWITCH_STEPS
from pipeline.errors import Fenced, SwitchFailed, SwitchRefused, SwitchUnfinished
from pipeline.switching.switch import Outcome, Switch
from pipeline.terms import Term
from tests.app.support.regions.switched_stage import CENTRAL, SCHEDULES, WEST, SwitchedStage

ON, OFF = {"ENABLED"}, {"DISABLED"}
KEYS = [step.key for step in SWITCH_STEPS]


@pytest.fixture
def stage(aws: None) -> SwitchedStage:
    return SwitchedStage.made()


def test_a_planned_switch_moves_everything_and_says_what_it_did(stage: SwitchedStage) -> None:
    before = stage.schedule(CENTRAL, SCHEDULES[0])
    stage.publish(WEST, "20270110T030000000")

    done = stage.switch(CENTRAL)

    assert [step.step for step in done.steps] == KEYS
    assert done.asked == (WEST,) and done.epoch == 1
    assert (stage.states(WEST), stage.states(CENTRAL)) == (OFF, ON)
    assert stage.schedule(CENTRAL, SCHEDULES[0]) == before | {"State": "ENABLED"}
    assert stage.fence(CENTRAL).alone().term == Term(1, CENTRAL)
    with pytest.raises(Fenced, match="eu-central-1 is the active region"):
        stage.fence(WEST).acting()
    assert "pointers whose lists are here: 1" in {step.step: step for step in done.steps}["verify"].words
    record = stage.record(CENTRAL, done.run)
    assert (record["region"], record["epoch"], record["why"]) == (CENTRAL, 1, "a drill")
    assert [step["step"] for step in record["steps"]] == KEYS[:-1]
    assert [step.began for step in done.steps] == sorted({step.began for step in done.steps})


def test_without_the_lost_region_nothing_of_it_is_called(stage: SwitchedStage) -> None:
    stage.publish(WEST, "20270110T030000000")
    stage.deliver()
    stage.tables.regions[WEST].up = False

    done = stage.switch(CENTRAL, planned=False, lost=(WEST,))

    assert [step.step for step in done.steps] == [step.key for step in SWITCH_STEPS if not step.if_asked]
    assert {region for region, _ in stage.calls} == {CENTRAL}
    assert stage.fence(CENTRAL).alone().lost == (WEST,)
    assert stage.states(CENTRAL) == ON


def test_the_lost_region_comes_back_fenced_and_a_planned_switch_brings_everything_back(
    stage: SwitchedStage,
) -> None:
    stage.tables.regions[WEST].up = False
    stage.switch(CENTRAL, planned=False, lost=(WEST,))
    stage.publish(CENTRAL, "20270116T030000000")
    stage.tables.regions[WEST].up = True

    done = stage.switch(WEST)

    assert (done.epoch, done.asked) == (2, (CENTRAL,))
    assert (stage.states(WEST), stage.states(CENTRAL)) == (ON, OFF)
    assert stage.fence(WEST).alone().lost == ()


def test_once_a_lost_region_answers_the_active_one_begins_an_epoch_without_doubts(
    stage: SwitchedStage,
) -> None:
    stage.tables.regions[WEST].up = False
    stage.switch(CENTRAL, planned=False, lost=(WEST,))
    stage.tables.regions[WEST].up = True

    done = stage.switch(CENTRAL)

    assert (done.epoch, set(done.asked)) == (2, {WEST, CENTRAL})
    assert (stage.states(WEST), stage.states(CENTRAL)) == (OFF, ON)
    assert stage.fence(CENTRAL).alone().lost == ()


def test_a_standby_that_is_gone_for_good_is_named_by_the_primary_s_next_epoch(stage: SwitchedStage) -> None:
    stage.tables.regions[CENTRAL].up = False

    done = stage.switch(WEST, planned=False, lost=(CENTRAL,))

    assert (done.epoch, done.asked, stage.states(WEST)) == (1, (WEST,), ON)
    assert stage.fence(WEST).alone().lost == (CENTRAL,)


@pytest.mark.parametrize("failing", ["drain", "copies", "raise", "enable", "report"])
def test_a_switch_that_fails_midway_can_be_begun_again(stage: SwitchedStage, failing: str) -> None:
    stage.publish(WEST, "20270110T030000000")

    def fail(region: str, step: str) -> None:
        if step == failing:
            raise ConnectionError("a cable was pulled")

    stage.before = fail
    with pytest.raises(SwitchFailed, match=r"eu-\w+-1: a cable was pulled"):
        stage.switch(CENTRAL)
    stage.before = lambda region, step: None

    done = stage.switch(CENTRAL)

    assert done.epoch == 1
    assert (stage.states(WEST), stage.states(CENTRAL)) == (OFF, ON)
    assert stage.fence(CENTRAL).alone().term == Term(1, CENTRAL)


def test_a_switch_that_was_given_up_leaves_the_region_to_switch_back_to(stage: SwitchedStage) -> None:
    with stage.running(WEST), pytest.raises(SwitchUnfinished, match="1 still running: recs-shop-posts"):
        stage.switch(CENTRAL)
    assert stage.states(WEST) == OFF

    done = stage.switch(WEST)

    assert (done.epoch, stage.states(WEST), stage.states(CENTRAL)) == (1, ON, OFF)


def test_it_waits_for_the_copies_and_says_which(stage: SwitchedStage) -> None:
    stage.publish(WEST, "20270110T030000000")
    stage.delivering = False

    with pytest.raises(SwitchUnfinished) as given_up:
        stage.switch(CENTRAL)

    for late in ("3 marks", "the pointer of posts/own", "the epoch that says draining"):
        assert late in str(given_up.value)


def test_when_all_has_arrived_it_waits_once_more_for_what_else_was_on_its_way(stage: SwitchedStage) -> None:
    stage.switch(CENTRAL)

    assert stage.calls.count((CENTRAL, "copies")) == 2


def test_lists_that_have_not_arrived_are_noticed_after_the_switch(stage: SwitchedStage) -> None:
    stage.publish(WEST, "20270110T030000000")
    leaving = stage.tables.regions[WEST].leaving
    leaving[:] = [copy for copy in leaving if copy.key[0].startswith("pointer#")]
    stage.deliver()

    with pytest.raises(SwitchUnfinished, match="the lists of posts/own, 20270110T030000000, are not here"):
        stage.switch(CENTRAL, planned=False, lost=(WEST,))

    assert stage.fence(CENTRAL).acting().number == 1, "it is the active one all the same"


def test_everything_that_speaks_against_a_switch_is_said_before_anything_is_changed(
    stage: SwitchedStage,
) -> None:
    with pytest.raises(SwitchRefused) as planned:
        stage.switch(CENTRAL, lost=(WEST, "mars-1"), why="")
    with pytest.raises(SwitchRefused, match="in epoch 0: say that it is lost, or plan the switch"):
        stage.switch(CENTRAL, planned=False)
    stage.tables.connected = False
    with pytest.raises(SwitchRefused, match="eu-west-1 does not answer, and may have been switched to"):
        stage.switch(CENTRAL)

    said = [line.partition(":")[0] for line in str(planned.value).splitlines()]
    assert said == [
        "mars-1 is no other region of the stage",
        "why must be said",
        "eu-west-1 is the active region, in epoch 0",
    ]
    assert stage.fence(WEST).epochs.history() == [] and stage.states(WEST) == ON


def test_a_step_that_is_not_done_may_wait_for_its_minutes_and_no_longer() -> None:
    begun = Switch(run="r", planned=True, by="ann", why="drill").beginning(1_000.0)
    missing = Outcome(words="2 are missing", done=False)

    waits = begun.after("copies", "Copies", missing, 1_000 + 1_799.0, limit_minutes=30)

    assert (waits.waiting, waits.began) == ("2 are missing", begun.began)
    with pytest.raises(SwitchUnfinished, match="Copies: given up after 30 minutes: 2 are missing"):
        waits.after("copies", "Copies", missing, 1_000 + 1_800.0, limit_minutes=30)
