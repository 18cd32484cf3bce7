"""What may become of an experiment, and what is refused because people would change arms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipeline.errors import ChangeRefused
from pipeline.experiments.assignment import assigned
from pipeline.experiments.changes import asked, filled, paused, resumed, returned, stepped, stopped
from pipeline.experiments.experiment import Arm, Experiment
from pipeline.experiments.items import experiment_of, item_of
from tests.app.support.experiments.experimenting import NOTE, begun, experiment

Change = Callable[[Experiment], Experiment]

JOURNEY: tuple[tuple[str, Change, str], ...] = (
    ("shadow", lambda e: stepped(e, NOTE, phase="aa", exposure=2_000), "aa"),
    ("aa", lambda e: paused(e, NOTE), "aa"),
    ("aa", lambda e: stepped(e, NOTE, overrides={"t": "treatment"}), "aa"),
    ("aa", lambda e: resumed(e, NOTE), "aa"),
    ("aa", lambda e: stepped(e, NOTE, phase="running"), "running"),
    ("running", lambda e: stepped(e, NOTE, exposure=10_000), "running"),
    ("running", lambda e: paused(e, NOTE), "paused"),
    ("paused", lambda e: resumed(e, NOTE), "running"),
    ("running", lambda e: returned(e, NOTE), "returned"),
    ("returned", lambda e: resumed(e, NOTE), "running"),
    ("running", lambda e: filled(e, NOTE, held_back=300), "full"),
    ("full", lambda e: returned(e, NOTE), "returned"),
    ("returned", lambda e: resumed(e, NOTE), "full"),
    ("full", lambda e: filled(e, NOTE, held_back=100), "full"),
    ("full", lambda e: stopped(e, NOTE), "stopped"),
)


def test_an_experiment_goes_from_shadow_to_full_and_can_be_returned_on_the_way() -> None:
    now = begun(phase="shadow")
    for version, (before, change, after) in enumerate(JOURNEY, start=2):
        assert now.state == before
        now = change(now)
        assert (now.state, now.version) == (after, version)

    assert now.held_back == 100 and now.exposure == 10_000
    assert begun(salt="s1", phase="aa").state == "aa"


def test_an_approval_is_of_one_step_and_outlasts_a_change_of_testers_only() -> None:
    approved = experiment(state="aa", exposure=2_000, approval="given")
    assert stepped(approved, NOTE, overrides={"t": "treatment"}).approval == "given"
    assert stepped(approved, NOTE, exposure=5_000).approval == ""
    assert stepped(approved, NOTE, phase="running").approval == ""


HELD = experiment(state="aa", exposure=2_000, held=True)
HAS = "tester"
ARM = assigned(experiment(), HAS).arm
OTHER = "control" if ARM == "treatment" else "treatment"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda: stepped(experiment(exposure=500), NOTE, exposure=499), "exposure only grows: it is 500"),
        (lambda: stepped(experiment(), NOTE, exposure=10_001), "exposure must be 0 to 10,000"),
        (lambda: stepped(experiment(), NOTE), "nothing was asked for"),
        (lambda: stepped(experiment(), NOTE, phase="aa"), "phase must not go from running to aa"),
        (lambda: stepped(experiment(), NOTE, phase="full"), "phase must be one of shadow, aa, running"),
        (lambda: stepped(experiment(), NOTE, overrides={HAS: OTHER}), f"is in {ARM}, not in {OTHER}"),
        (lambda: stepped(experiment(), NOTE, overrides={"u": "third"}), "one of the arms"),
        (lambda: stepped(experiment(state="paused"), NOTE, exposure=10_000), "it is paused, and must be"),
        (lambda: paused(HELD, NOTE), "it is aa, paused already"),
        (lambda: stepped(HELD, NOTE, phase="running"), "it is aa, paused: resume it"),
        (lambda: stepped(HELD, NOTE, exposure=10_000), "it is aa, paused: resume it"),
        (lambda: asked(HELD, NOTE), "it is aa, paused: resume it"),
        (lambda: paused(experiment(state="returned"), NOTE), "it is returned, and must be running"),
        (lambda: resumed(experiment(), NOTE), "it is running, and must be paused or returned"),
        (lambda: returned(experiment(state="shadow"), NOTE), "it is shadow, and must be running or"),
        (
            lambda: filled(experiment(state="aa"), NOTE, held_back=100),
            "it is aa, and must be running or",
        ),
        (lambda: filled(experiment(), NOTE, held_back=99), "hold-back must be 100 to 500"),
        (lambda: filled(filled(experiment(), NOTE, held_back=200), NOTE, held_back=300), "only shrinks"),
        (lambda: filled(few(), NOTE, held_back=300), "hold-back must fit into control, which has 200"),
        (lambda: stopped(experiment(state="stopped"), NOTE), "it is stopped already"),
        (lambda: stopped(experiment(), replace(NOTE, why=" ")), "why must say"),
        (lambda: begun(phase="full"), "phase must be one of"),
        (lambda: begun(hypothesis=""), "hypothesis must be said before"),
        (lambda: begun(arms=(Arm("control", "personalize", 10_000),)), "arms must be two or more"),
        (lambda: begun(arms=few().arms[::-1]), "arms must end with control"),
        (lambda: begun(arms=(Arm("treatment", "own", 1), Arm("control", "x", 2))), "make 3"),
        (lambda: begun(arms=(Arm("A b", "own", 0), few().arms[1])), "the name 'A b' must match"),
    ],
)
def test_what_would_move_people_or_makes_no_sense_is_refused(change: Callable[[], Any], told: str) -> None:
    with pytest.raises(ChangeRefused) as refused:
        change()

    assert told in str(refused.value)


def few() -> Experiment:
    return experiment(arms=(Arm("treatment", "own", 9_800), Arm("control", "personalize", 200)))


@pytest.mark.parametrize(
    "change",
    [
        lambda: filled(experiment(), NOTE, held_back=100),
        lambda: filled(experiment(), NOTE, held_back=500),
        lambda: filled(filled(experiment(), NOTE, held_back=200), NOTE, held_back=199),
        lambda: filled(few(), NOTE, held_back=200),
        lambda: stepped(experiment(exposure=500), NOTE, exposure=500),
        lambda: stepped(experiment(exposure=500), NOTE, phase="running"),
        lambda: stepped(experiment(), NOTE, exposure=10_000),
    ],
)
def test_what_moves_nobody_is_taken_to_the_last_value(change: Callable[[], Experiment]) -> None:
    before, after = experiment(), change()

    assert after.version > before.version and after.why == NOTE.why


@pytest.mark.parametrize(
    "change",
    [
        lambda: filled(experiment(), NOTE, held_back=501),
        lambda: filled(filled(experiment(), NOTE, held_back=200), NOTE, held_back=200),
        lambda: filled(few(), NOTE, held_back=201),
    ],
)
def test_and_refused_beyond_it(change: Callable[[], Experiment]) -> None:
    with pytest.raises(ChangeRefused, match=r"^hold-back [^\n]*$"):
        change()


ARMS = (Arm("treatment", "own", 10_000), Arm("control", "personalize", 0))


@pytest.mark.parametrize(
    ("fine", "wrong", "told"),
    [
        ({"version": 1}, {"version": 0}, "version must be at least 1, not 0"),
        ({"exposure": 0}, {"exposure": -1}, "exposure must be 0 to 10,000, not -1"),
        ({"exposure": 10_000}, {"exposure": 10_001}, "exposure must be 0 to 10,000, not 10,001"),
        ({"held_back": 10_000}, {"held_back": 10_001}, "held_back must be 0 to 10,000, not 10,001"),
        ({"salt": "s"}, {"salt": ""}, "salt must not be empty"),
        ({"state": "aa", "held": True}, {"held": True}, "held must not be set while it is running"),
        ({"approval": "given"}, {"approval": "no"}, "approval must be asked, given or empty, not 'no'"),
        ({"why": "w" * 2000}, {"why": "w" * 2001}, "why must have 2,000 characters at most, not 2,001"),
        (
            {"overrides": {str(n): "control" for n in range(200)}},
            {"overrides": {str(n): "control" for n in range(201)}},
            "overrides must be 200 at most, not 201",
        ),
        (
            {"arms": ARMS},
            {"arms": (replace(ARMS[0], weight=10_001), replace(ARMS[1], weight=-1))},
            "arms: the weight of control must not be negative, and is -1",
        ),
        ({"arms": ARMS}, {"arms": ARMS[::-1]}, "arms must end with control"),
        (
            {"arms": ARMS},
            {"arms": (replace(ARMS[1], weight=10_000),)},
            "arms must be two or more of different",
        ),
    ],
)
def test_each_rule_of_an_experiment_holds_to_the_last_value(
    fine: dict[str, Any], wrong: dict[str, Any], told: str
) -> None:
    assert list(experiment(**fine).problems()) == []
    [problem] = experiment(**wrong).problems()
    assert problem.startswith(told)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ChangeRefused) as refused:
        stepped(experiment(exposure=500), replace(NOTE, by=""), phase="shadow", exposure=3)

    assert [line.split()[0] for line in str(refused.value).splitlines()] == ["phase", "exposure", "by"]


@pytest.mark.parametrize("state", ["shadow", "aa"])
def test_a_pause_before_anybody_sees_other_lists_shows_nobody_any(state: str) -> None:
    """In the state `paused` each arm has its variant's lists."""
    before = experiment(state=state, exposure=2_000)
    held = paused(before, NOTE)

    assert (held.state, held.held, held.words) == (state, True, f"{state}, paused")
    for user in map(str, range(100)):
        assert assigned(held, user) == assigned(before, user)
    assert experiment_of(item_of(held, {}), "posts") == held
    assert "held" not in item_of(resumed(held, NOTE), {})
    assert stopped(held, NOTE).held is False
