"""A ramp goes on when time and figures allow it, comes back when figures ask for it, and says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.experiments.assignment import assigned
from pipeline.experiments.changes import Note
from pipeline.experiments.experiment import STATES, Arm, Experiment
from pipeline.ramping.acting import changed
from pipeline.ramping.decide import SHOWN, Action, Decision, decide, watched
from pipeline.ramping.evidence import Answers, Compared, Evidence, Health, Published, Report
from pipeline.ramping.plan import Plan, Step
from tests.app.support.experiments.experimenting import experiment
from tests.app.unit.ramping.world import (
    LIMITS,
    NOTHING,
    NOW,
    PLAN,
    evidence,
    health,
    report,
)

LONG_AGO = NOW - timedelta(days=40)
OLD = Published(at=NOW - timedelta(hours=60), users=10_000)
FRESH = Published(at=NOW - timedelta(hours=1), users=10_000)
FEW = Published(at=NOW - timedelta(hours=1), users=8_000)


def decided(now_at: Experiment | None, found: Evidence, *, hours: float = 10_000) -> Decision:
    return decide(PLAN, now_at, since=NOW - timedelta(hours=hours), now=NOW, evidence=found)


SHADOW = experiment(state="shadow", exposure=0)
AA = experiment(state="aa", exposure=2_000)
TEN = experiment(state="running", exposure=2_000)
HALF = experiment(state="running", exposure=10_000)
FULL = experiment(state="full", exposure=10_000, held_back=200)
PAUSED = experiment(state="paused", exposure=2_000)
RETURNED = experiment(state="returned", exposure=2_000)
GIVEN = experiment(state="running", exposure=10_000, approval="given")
ASKED = experiment(state="running", exposure=10_000, approval="asked")
WRONG_SPLIT = report(split_is_right=False, verdict="pause: the split is wrong", words="pause")
KEEP = report(verdict="keep going", words="keep going: between -1.0% and +6.0% so far")


@pytest.mark.parametrize(
    ("where", "found", "action", "words"),
    [
        (None, {}, "stay", "there is no experiment; start one in shadow"),
        (experiment(state="stopped"), {}, "stay", "is stopped since"),
        (RETURNED, {}, "stay", "nobody is treated again before somebody resumes it"),
        (PAUSED, {}, "stay", "somebody must resume it or bring it back"),
        (FULL, {}, "stay", "the ramp is over: all but 2 % held back"),
        (SHADOW, {"report": None}, "advance", "nothing speaks against A/A"),
        (SHADOW, {"compared": None}, "stay", "have not been compared yet"),
        (SHADOW, {"compared": Compared(run="r", blocks=("3 % have an empty list",))}, "stay",
         "the comparison of r found: 3 % have an empty list"),
        (SHADOW, {"health": health(published={"personalize": FRESH})}, "stay", "nothing is published for"),
        (AA, {"report": None}, "stay", "nothing has been measured yet"),
        (AA, {"report": report(day="2027-01-10")}, "stay", "the last measurement is of 2027-01-10"),
        (AA, {"report": WRONG_SPLIT}, "stay", "do not have the people that were planned"),
        (AA, {"report": KEEP}, "advance", "nothing speaks against 10 % treated"),
        (AA, {"health": health(unread=("CloudWatch (Throttling)",))}, "stay", "not known: CloudWatch"),
        (TEN, {"report": KEEP}, "advance", "nothing speaks against 50 % treated"),
        (TEN, {"report": WRONG_SPLIT}, "pause", "no figure can be trusted"),
        (HALF, {"report": KEEP}, "stay", "has not come to a decision: keep going"),
        (HALF, {}, "ask", "somebody must approve it (measured until 2027-01-19: ship: better"),
        (ASKED, {}, "stay", "waits for somebody's approval since"),
        (GIVEN, {}, "advance", "nothing speaks against all but 2 % held back and was approved"),
        (GIVEN, {"report": KEEP}, "stay", "has not come to a decision"),
        (HALF, {"report": report(verdict="stop: nothing bigger", words="stop: nothing bigger than +1.0%")},
         "ask", "nothing bigger than +1.0%"),
        (HALF, {"report": report(verdict="stop: worse", words="stop: worse")}, "return",
         "the measurement until 2027-01-19 says stop: worse"),
        (HALF, {"report": report(broken=("impressions per person",))}, "return",
         "guardrails are broken, as measured until 2027-01-19: impressions per person"),
        (FULL, {"health": health(published={"own": OLD, "personalize": FRESH})}, "return",
         "the lists of own are stale: 60 hours old, and 48 are allowed"),
        (experiment(arms=(Arm("treatment", "heuristic", 5_000), Arm("control", "own", 5_000))), {}, "stay",
         "the ramp is of own against personalize: it goes on by hand only"),
    ],
)  # fmt: skip
def test_each_situation_has_its_decision(
    where: Experiment | None, found: dict[str, Any], action: str, words: str
) -> None:
    if where is not None and where.arms[0].variant == "heuristic":
        published = {"own": FRESH, "heuristic": FRESH}
        found = {"health": health(published=published)}

    decision = decided(where, evidence(**found))

    assert decision.action == action, decision.words
    assert words in decision.words
    waits_for_people = any(said in decision.words for said in ("and cannot: ", "by hand only"))
    assert decision.told == (action != "stay" or waits_for_people)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            {"treated": Answers(requests=1_000, failures=60)},
            "6.0% of 1,000 answers to the treated met",
        ),
        (
            {"treated": Answers(requests=1_000, fallbacks=120)},
            "12.0% of 1,000 answers to the treated came",
        ),
        ({"treated": Answers(requests=1_000, empty=20)}, "2.0% of 1,000 answers to the treated were"),
        (
            {"published": {"own": FEW, "personalize": FRESH}},
            "8,000 people have lists of own, and 10,000 have",
        ),
        ({"published": {"personalize": FRESH}}, "nothing is published for own"),
        ({"published": {"own": OLD, "personalize": FRESH}}, "the lists of own are stale: 60 hours old"),
        ({"api_errors": 0.2}, "20.0% of the API's answers of the last 15 minutes are errors"),
        (
            {"treated": Answers(requests=500, errors=10)},
            "2.0% of 500 answers to the treated failed altogether",
        ),
        ({"treated": Answers(requests=500, p95_ms=1_500.0)}, "take 1,500 ms or more, and 800 ms are allowed"),
        ({"treated": Answers(requests=500, p95_ms=1_500.0), "control": None}, "of the control is not known"),
    ],
)
def test_what_is_wrong_brings_people_back_at_once(wrong: dict[str, Any], words: str) -> None:
    for where in (TEN, HALF, FULL, PAUSED):
        by_watch = watched(where, health(**wrong), LIMITS, NOW)
        by_ramp = decided(where, evidence(health=health(**wrong)), hours=0)

        assert by_watch.action == by_ramp.action == Action.RETURN
        assert words in by_watch.words and words in by_ramp.words and by_watch.told


def test_trouble_that_the_control_has_as_well_is_not_the_treatment_s() -> None:
    down = Answers(requests=1_000, fallbacks=900, failures=850, errors=50, p95_ms=2_000.0)

    assert watched(HALF, health(treated=down, control=down), LIMITS, NOW).action == Action.STAY


def test_a_handful_of_answers_says_nothing() -> None:
    few = Answers(
        requests=LIMITS.least_answers - 1, fallbacks=199, failures=199, empty=199, errors=199, p95_ms=9e9
    )

    assert watched(HALF, health(treated=few), LIMITS, NOW).action == Action.STAY


def test_bringing_back_needs_neither_report_nor_comparison_nor_rows() -> None:
    for where in (TEN, HALF, FULL, PAUSED):
        assert decided(where, NOTHING, hours=0).action == Action.RETURN
        assert watched(where, NOTHING.health, LIMITS, NOW).action == Action.RETURN


ANSWERS = st.none() | st.builds(
    Answers,
    requests=st.floats(0, 10_000),
    fallbacks=st.floats(0, 1_000),
    failures=st.floats(0, 1_000),
    empty=st.floats(0, 100),
    errors=st.floats(0, 100),
    p95_ms=st.none() | st.floats(0, 2_000),
)
PUBLISHED = st.builds(
    Published, at=st.integers(0, 100).map(lambda h: NOW - timedelta(hours=h)), users=st.integers(1, 20_000)
)
HEALTH = st.builds(
    Health,
    treated=ANSWERS,
    control=ANSWERS,
    published=st.dictionaries(st.sampled_from(["own", "personalize"]), PUBLISHED),
    api_errors=st.none() | st.floats(0, 1),
    unread=st.sampled_from([(), ("CloudWatch (down)",), ("the pointer of own (down)",)]),
)
EVIDENCE = st.builds(
    Evidence,
    health=HEALTH | st.just(health()),
    report=st.none()
    | st.builds(
        Report,
        day=st.sampled_from(["2027-01-19", "2027-01-10"]),
        split_is_right=st.booleans(),
        verdict=st.sampled_from(["ship", "keep going", "stop: worse", "stop: nothing bigger"]),
        words=st.just("w"),
        broken=st.sampled_from([(), ("g",)]),
    ),
    compared=st.none() | st.builds(Compared, run=st.just("r"), blocks=st.sampled_from([(), ("b",)])),
)
EXPERIMENTS = st.builds(
    lambda state, exposure, approval, back, held: experiment(
        state=state,
        exposure=exposure,
        approval=approval,
        held_back=back if state == "full" else 0,
        held=held and state in ("shadow", "aa"),
    ),
    st.sampled_from(STATES),
    st.integers(0, 10_000),
    st.sampled_from(["", "asked", "given"]),
    st.sampled_from([100, 200, 500]),
    st.booleans(),
)
NOTE = Note(by="ramp", why="w", at="2027-01-20T12:00:00Z")
UNITS = [f"user-{n}" for n in range(50)]


@given(where=EXPERIMENTS, found=EVIDENCE, hours=st.floats(0, 1_000))
def test_nothing_advances_before_its_time_and_nobody_is_treated_again_after_a_return(
    where: Experiment, found: Evidence, hours: float
) -> None:
    decision = decided(where, found, hours=hours)

    assert decision.words
    if decision.action == Action.ADVANCE:
        assert where.state in ("shadow", "aa", "running")
        assert hours >= PLAN.steps[PLAN.reached(where)].hours
    if where.state in ("returned", "stopped", "paused") or where.held:
        assert decision.action in (Action.STAY, Action.RETURN)
    if decision.action == Action.RETURN:
        assert where.state in SHOWN


@given(where=EXPERIMENTS, found=EVIDENCE, hours=st.floats(0, 1_000))
def test_whatever_is_decided_the_rules_of_experiments_allow_and_nobody_changes_arms(
    where: Experiment, found: Evidence, hours: float
) -> None:
    decision = decided(where, found, hours=hours)
    if decision.action == Action.STAY:
        return

    after = changed(where, decision, NOTE, PLAN)

    assert after.version == where.version + 1
    for unit in UNITS:
        before_arm, after_arm = assigned(where, unit).arm, assigned(after, unit).arm
        assert before_arm is None or after_arm in (before_arm, None)
        if decision.action == Action.RETURN:
            assert assigned(after, unit).variant is None


@given(where=EXPERIMENTS, sick=HEALTH, found=EVIDENCE)
def test_what_the_watch_brings_back_the_ramp_brings_back_too(
    where: Experiment, sick: Health, found: Evidence
) -> None:
    by_watch = watched(where, sick, LIMITS, NOW)
    by_ramp = decided(where, evidence(health=sick, report=found.report, compared=found.compared))

    if by_watch.action == Action.RETURN:
        assert by_ramp.action == Action.RETURN


def test_from_shadow_to_full_by_itself_step_by_step() -> None:
    at, seen = SHADOW, [("shadow", 0, 0)]
    plan = Plan(
        default="personalize",
        treatment="own",
        limits=LIMITS,
        steps=(*PLAN.steps[:-1], Step(phase="full", hours=0, held_back=300, decided=True)),
    )
    for _ in range(4):
        decision = decide(plan, at, since=LONG_AGO, now=NOW, evidence=evidence())
        at = changed(at, decision, NOTE, plan)
        seen.append((at.state, at.exposure, at.held_back))

    assert seen == [
        ("shadow", 0, 0),
        ("aa", 2_000, 0),
        ("running", 2_000, 0),
        ("running", 10_000, 0),
        ("full", 10_000, 300),
    ]


def test_a_pause_of_the_a_a_phase_holds_the_ramp_until_somebody_resumes_it() -> None:
    held = replace(AA, held=True)

    assert decided(AA, evidence()).action == Action.ADVANCE
    assert decided(held, evidence()).action == Action.STAY
    assert "somebody must resume it" in decided(held, evidence()).words
