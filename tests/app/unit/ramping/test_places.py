"""Where an experiment is in its ramp and since when, and plans that lead nowhere."""

from __future__ import annotations

import pytest

from pipeline.errors import ChangeRefused, InvalidInput
from pipeline.experiments.changes import Note
from pipeline.experiments.store import Past
from pipeline.ramping.acting import changed, since
from pipeline.ramping.decide import Action, Decision
from pipeline.ramping.plan import Plan, Step
from tests.app.support.experimenting import experiment
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
    ("steps", "told"),
    [
        ((), "steps must go from shadow"),
        ((Step(phase="running", hours=1, treated=1),), "steps must go from shadow"),
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
