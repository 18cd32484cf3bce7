"""What a ramp must obey: every mistake is told with its field, all at once."""

from collections.abc import Callable
from dataclasses import asdict, replace
from math import nextafter
from typing import Any

import pytest

from config.rules.ramp import ramp_estate_problems, ramp_problems
from config.schema import Guardrail, Own, Personalize, Phase, Ramp, RampLimits, RampStep, UseCase
from config.types.ramp import STEPS
from config.use_cases import USE_CASES
from pipeline.ramping.measured import Guarded, Measuring
from pipeline.ramping.plan import Limits, Plan, Step
from tests.app.support.business.stages import STAGES

POSTS = replace(next(case for case in USE_CASES if case.name == "posts"), variants=(Personalize(), Own()))
OVER_0, UNDER_1 = nextafter(0, 1), nextafter(1, 0)
RAMP = Ramp(stages=("dev",), people=10_000)


def problems(ramp: Ramp, use_case: UseCase = POSTS) -> dict[str, str]:
    return {problem.field: problem.rule for problem in ramp_problems(replace(use_case, ramp=ramp))}


def test_no_ramp_and_the_usual_one_are_fine() -> None:
    assert not list(ramp_problems(POSTS))
    assert not problems(RAMP)


def step(number: int, **changes: Any) -> tuple[RampStep, ...]:
    changed = list(STEPS)
    changed[number] = replace(changed[number], **changes)
    return tuple(changed)


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"stages": ()}, "ramp.stages", "must name a stage"),
        ({"treatment": "personalize"}, "ramp.treatment", "not the default one"),
        ({"people": 0}, "ramp.people", "at least 1"),
        ({"effect": 0.0}, "ramp.effect", "above 0"),
        ({"poll_minutes": 1}, "ramp.poll_minutes", "from 5 to 60"),
        ({"steps": STEPS[1:]}, "ramp.steps", "one of shadow, one of aa"),
        ({"steps": (STEPS[1], STEPS[0], *STEPS[2:])}, "ramp.steps", "one of shadow, one of aa"),
        ({"steps": step(3, treated_percent=10)}, "ramp.steps", "more and more people"),
        ({"steps": step(2, treated_percent=60)}, "ramp.steps[2].treated_percent", "50 at most"),
        ({"steps": step(4, held_back_percent=0.5)}, "ramp.steps[4].held_back_percent", "from 1 to 5"),
        ({"steps": step(1, held_back_percent=2)}, "ramp.steps[1].held_back_percent", "that are full"),
        ({"steps": step(0, hours=-1)}, "ramp.steps[0].hours", "from 0 to 8,760"),
        ({"limits": RampLimits(failed_margin=0)}, "ramp.limits.failed_margin", "between 0 and 1"),
        ({"limits": RampLimits(window_minutes=1)}, "ramp.limits.window_minutes", "from 5 to 120"),
        ({"limits": RampLimits(stale_hours=0)}, "ramp.limits.stale_hours", "at least 1"),
        ({"limits": RampLimits(p95_ms=0)}, "ramp.limits.p95_ms", "None does not look"),
        ({"limits": RampLimits(p95_margin=-1)}, "ramp.limits.p95_margin", "0 or more"),
        ({"slower_ms": 0}, "ramp.slower_ms", "None does not look"),
        ({"more_errors": 1.0}, "ramp.more_errors", "between 0 and 1"),
        ({"limits": RampLimits(audience_share=2)}, "ramp.limits.audience_share", "from 0 to 1"),
        ({"guardrails": (Guardrail(name="hides", events=("hide",), margin=0.1),)},
         "ramp.guardrails[0].events", "must be of"),
        ({"guardrails": (Guardrail(name="", events=("impression",), margin=2),)},
         "ramp.guardrails[0].margin", "between 0 and 1"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_field(changes: dict[str, Any], field: str, rule: str) -> None:
    assert rule in problems(replace(RAMP, **changes))[field]


@pytest.mark.parametrize(
    ("changed", "name", "within", "beyond"),
    [
        (lambda of: {"poll_minutes": of}, "ramp.poll_minutes", (5, 60), (4, 61)),
        (lambda of: {"slower_ms": of}, "ramp.slower_ms", (1,), (0.9,)),
        (lambda of: {"people": of}, "ramp.people", (1,), (0,)),
        (lambda of: {"steps": step(0, hours=of)}, "ramp.steps[0].hours", (0, 8760), (-1, 8761)),
        (lambda of: {"steps": step(3, treated_percent=of)}, "ramp.steps[3].treated_percent", (50,), (50.1,)),
        (lambda of: {"steps": step(2, treated_percent=of)}, "ramp.steps[2].treated_percent", (0.1,), (0,)),
        (
            lambda of: {"steps": step(4, held_back_percent=of)},
            "ramp.steps[4].held_back_percent",
            (1, 5),
            (0.9, 5.1),
        ),
        (
            lambda of: {"limits": RampLimits(window_minutes=of)},
            "ramp.limits.window_minutes",
            (5, 120),
            (4, 121),
        ),
        (
            lambda of: {"limits": RampLimits(audience_share=of)},
            "ramp.limits.audience_share",
            (0, 1),
            (-0.1, 1.1),
        ),
        (lambda of: {"limits": RampLimits(p95_margin=of)}, "ramp.limits.p95_margin", (0,), (-0.1,)),
        (lambda of: {"limits": RampLimits(p95_ms=of)}, "ramp.limits.p95_ms", (1,), (0.9,)),
        (lambda of: {"limits": RampLimits(least_answers=of)}, "ramp.limits.least_answers", (1,), (0,)),
        (lambda of: {"limits": RampLimits(stale_hours=of)}, "ramp.limits.stale_hours", (1,), (0,)),
        (lambda of: {"days": of}, "ramp.days", (1,), (0,)),
        (lambda of: {"look_every": of}, "ramp.look_every", (1,), (0,)),
        (lambda of: {"effect": of}, "ramp.effect", (OVER_0,), (0,)),
        (lambda of: {"more_errors": of}, "ramp.more_errors", (OVER_0, UNDER_1, None), (0, 1)),
        (
            lambda of: {"guardrails": (Guardrail(name="hides", events=("impression",), margin=of),)},
            "ramp.guardrails[0].margin",
            (OVER_0, UNDER_1),
            (0, 1),
        ),
        (lambda of: {"steps": step(2, treated_percent=of)}, "ramp.steps", (1, 49), (50, 51)),
        *(
            (
                lambda of, name=name: {"limits": RampLimits(**{name: of})},
                f"ramp.limits.{name}",
                (OVER_0, UNDER_1),
                (0, 1),
            )
            for name in ("error_margin", "failed_margin", "fallback_margin", "empty_margin", "api_errors")
        ),
    ],
)
def test_limits_hold_to_the_last_value_and_not_beyond(
    changed: Callable[[Any], dict[str, Any]], name: str, within: tuple[Any, ...], beyond: tuple[Any, ...]
) -> None:
    for value in within:
        assert name not in problems(replace(RAMP, **changed(value)))
    for value in beyond:
        assert name in problems(replace(RAMP, **changed(value)))


def test_guardrails_have_names_of_their_own_and_known_events() -> None:
    usual = Guardrail(name="hides", events=("impression",), margin=0.1)
    wrong = (usual, usual, replace(usual, name=" "), replace(usual, name="none", events=()))

    found = [problem.field for problem in ramp_problems(replace(POSTS, ramp=replace(RAMP, guardrails=wrong)))]

    assert found == [
        f"ramp.guardrails[{n}].{m}" for n, m in ((0, "name"), (1, "name"), (2, "name"), (3, "events"))
    ]
    assert not problems(replace(RAMP, guardrails=(usual, replace(usual, name="more"))))


def test_one_variant_or_no_tracking_is_too_little_and_both_are_told_at_once() -> None:
    found = list(ramp_problems(replace(POSTS, variants=(Own(),), tracking=None, ramp=RAMP)))

    assert [problem.rule.partition(":")[0] for problem in found] == [
        "needs two variants or more",
        "needs tracking",
    ]


def test_stages_are_known_and_lists_may_be_as_old_as_they_get_between_two_runs() -> None:
    stage = STAGES[0]
    interval = int(stage.schedule.interval_hours)

    def told(hours: int, elsewhere: tuple[str, ...]) -> dict[str, str]:
        ramp = replace(RAMP, stages=(stage.name, "nowhere"), limits=RampLimits(stale_hours=hours))
        cases = (replace(POSTS, ramp=None), replace(POSTS, ramp=ramp))
        return {p.field: p.rule for p in ramp_estate_problems((stage,), cases, elsewhere)}

    found = told(interval, ())
    assert found["ramp.stages"] == "must be one of the stages: dev"
    assert f"more than the {interval}" in found["ramp.limits.stale_hours"]
    assert told(interval + 1, ("nowhere",)) == {}


def test_a_request_without_limits_means_those_of_the_configuration() -> None:
    """A run may have begun before a limit was there."""
    assert asdict(Limits()) == asdict(RampLimits())
    measuring = Measuring(actions=(), people=1, effect=1)
    assert (measuring.days, measuring.look_every) == (RAMP.days, RAMP.look_every)


def test_what_a_step_and_a_guardrail_do_not_say_is_the_same_in_a_request_and_in_the_configuration() -> None:
    asked, said = Step(phase="shadow", hours=0), RampStep(phase=Phase.SHADOW)
    assert (asked.treated, asked.held_back) == (said.treated_percent, said.held_back_percent) == (0, 0)
    assert (asked.approval, asked.decided) == (said.approval, said.decided) == (False, False)
    plan = Plan(default="personalize", treatment="own", steps=(asked,), limits=Limits())
    assert plan.with_comparison is RAMP.with_comparison is True
    guarded, guardrail = (kind(name="n", events=("e",), margin=0.1) for kind in (Guarded, Guardrail))
    assert asdict(guarded) == asdict(guardrail)


def test_a_ramp_is_of_the_stages_that_it_names() -> None:
    use_case = replace(POSTS, ramp=RAMP)

    assert use_case.ramp_in("dev") is RAMP
    assert use_case.ramp_in("prod") is None
    assert Phase.FULL in {step.phase for step in RAMP.steps}
