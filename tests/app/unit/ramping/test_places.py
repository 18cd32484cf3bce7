"""Where an experiment is in its ramp and since when, and plans that lead nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.errors import ChangeRefused, InvalidInput
from pipeline.experiments.changes import Note
from pipeline.experiments.store import Past
from pipeline.ramping.acting import changed, since
from pipeline.ramping.decide import Action, Decision
from pipeline.ramping.measured import measured
from pipeline.ramping.plan import Plan, Step
from pipeline.ramping.telling import mail, state_in_words
from tests.app.support.experiments.experimenting import experiment
from tests.app.unit.ramping.world import LIMITS, PLAN

NOTE = Note(by="ramp", why="w", at="2027-01-20T12:00:00Z")
HALF = experiment(state="running", exposure=10_000)


def test_time_counts_from_the_last_change_of_who_gets_what_not_of_testers_or_approvals() -> None:
    history = [
        Past(1, experiment(version=1, state="aa", changed_at="2027-01-01T00:00:00Z")),
        Past(2, experiment(version=2, exposure=2_000, changed_at="2027-01-05T00:00:00Z")),
        Past(
            3,
            experiment(
                version=3, exposure=2_000, overrides={"7": "treatment"}, changed_at="2027-01-06T00:00:00Z"
            ),
        ),
        Past(4, experiment(version=4, exposure=2_000, approval="given", changed_at="2027-01-07T00:00:00Z")),
    ]
    newest = history[-1].experiment
    assert newest

    assert since(newest, history).isoformat() == "2027-01-05T00:00:00+00:00"
    assert since(newest, []).isoformat() == "2027-01-07T00:00:00+00:00", (
        "without a history it is rather too late"
    )
    assert since(newest, [*history[:2], Past(3, None, "torn"), history[3]]).day == 7


@pytest.mark.parametrize(
    ("where", "number"),
    [
        ({"state": "shadow", "exposure": 0}, 0),
        ({"state": "aa", "exposure": 2_000}, 1),
        ({"state": "running", "exposure": 1_999}, 1),
        ({"state": "running", "exposure": 2_000}, 2),
        ({"state": "paused", "exposure": 2_000}, 2),
        ({"state": "running", "exposure": 9_999}, 2),
        ({"state": "running", "exposure": 10_000}, 3),
        ({"state": "full", "exposure": 10_000, "held_back": 201}, 3),
        ({"state": "full", "exposure": 10_000, "held_back": 200}, 4),
        ({"state": "returned", "exposure": 10_000, "held_back": 200}, 4),
        ({"state": "stopped", "exposure": 10_000}, 0),
    ],
)
def test_an_experiment_is_in_the_last_step_that_it_has_reached(where: dict[str, Any], number: int) -> None:
    assert PLAN.reached(experiment(**where)) == number


def test_an_a_a_phase_is_measured_from_its_first_version_on() -> None:
    states = (("shadow", 0), ("aa", 1_000), ("aa", 2_000), ("aa", 3_000))
    versions = [experiment(version=at, state=state, exposure=of) for at, (state, of) in enumerate(states, 1)]

    found = measured(versions[-1], [Past(one.version, one) for one in versions])

    assert found and found.first_version == 2


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"state": "running", "exposure": 2_000}, "running: 10 % of the people get the lists of own"),
        ({"state": "full", "held_back": 200}, "full: own for all but 2 % of the people"),
        ({"state": "returned"}, "returned: nobody gets the lists of own"),
        ({"state": "paused"}, "paused, since 2027-01-01T00:00:00Z"),
        ({"state": "aa", "held": True}, "aa, paused, since 2027-01-01T00:00:00Z"),
    ],
)
def test_where_an_experiment_is_is_said_of_the_treatment_s_variant(where: dict[str, Any], words: str) -> None:
    assert state_in_words(experiment(**where)) == words


def test_a_mail_says_what_was_done_and_its_subject_is_as_long_as_sns_takes_at_most() -> None:
    """ "Must be ... up to 100 characters long", of ASCII: Publish in the reference of SNS."""
    said = mail("prod", "p\u00f6sts" * 30, Decision(action=Action.RETURN, words="errors"), HALF, by="watch")

    assert said.subject == ("prod " + "p?sts" * 30)[:100]
    assert (
        "Why:  errors\nNow:  running: 50 % of the people get the lists of own\nBy:   watch, as v" in said.text
    )


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ((), "steps must go from shadow by aa and running to full, not nowhere"),
        ((Step(phase="running", hours=1, treated=1),), "steps must go from shadow .*, not running"),
        ((PLAN.steps[0], PLAN.steps[3], PLAN.steps[2], PLAN.steps[4]), "more and more people"),
        ((PLAN.steps[0], Step(phase="all", hours=-1), PLAN.steps[4]), "not have negative hours"),
    ],
)
def test_a_plan_that_leads_nowhere_is_refused(steps: tuple[Step, ...], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Plan(default="personalize", treatment="own", steps=steps, limits=LIMITS).check()


def test_a_change_that_was_not_decided_is_refused() -> None:
    with pytest.raises(ChangeRefused):
        changed(HALF, Decision(action=Action.ADVANCE, words="w"), NOTE, PLAN)
