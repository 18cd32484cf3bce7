"""A use case with a limit: its workflow knows what a run may cost, and one that was dear is an alarm."""

from __future__ import annotations

from typing import Any

from config.schema import UseCase
from review.reading.machines import machines_of
from review.reading.templates import Template, resources_of
from stacks.props.spending import budget_of
from tests.app.support.side_by_side import BESIDE_STAGE, BESIDE_USE_CASES

LIMITED = ("posts", "similar_programs")


def payloads(templates: dict[str, Template], title: str) -> dict[tuple[str, str], Any]:
    """By use case and variant, of the tasks that are called so."""
    place = BESIDE_STAGE.id_in(BESIDE_STAGE.region)
    return {
        (machine.use_case, state["Arguments"]["Payload"]["variant"]): state["Arguments"]["Payload"]
        for machine in machines_of(templates[f"{place}-Training"])
        for name, state, _ in machine.states()
        if state["Type"] == "Task" and name.rpartition(": ")[2] == title
    }


def case(name: str) -> UseCase:
    return next(one for one in BESIDE_USE_CASES if one.name == name)


def test_the_comparison_of_personalize_has_the_budget_and_no_other_one(
    templates: dict[str, Template],
) -> None:
    found = {key: payload.get("budget") for key, payload in payloads(templates, "Compare datasets").items()}

    for (name, variant), budget in found.items():
        limited = name in LIMITED and variant == "personalize"
        assert budget == (budget_of(BESIDE_STAGE, case(name)) if limited else None)
    assert sum(budget is not None for budget in found.values()) == 2


def test_a_publication_is_told_the_estimate_and_the_hours_of_a_training_that_is_paid_by_them(
    templates: dict[str, Template],
) -> None:
    found = payloads(templates, "Publish the generation")

    assert found["posts", "personalize"]["estimatedUsd"] == "{% $comparison.estimatedUsd %}"
    assert "trainingHours" not in found["posts", "personalize"]
    assert found["similar_programs", "personalize"]["trainingHours"] == "{% $trainingHours %}"
    assert all("budget" not in payload for (_, variant), payload in found.items() if variant != "personalize")


def test_a_run_that_was_a_fifth_dearer_than_estimated_is_an_alarm(templates: dict[str, Template]) -> None:
    place = BESIDE_STAGE.id_in(BESIDE_STAGE.region)
    alarms = [
        one
        for one in resources_of(templates[f"{place}-Observability"], "AWS::CloudWatch::Alarm").values()
        if one.get("MetricName") == "RunCostOfEstimate"
    ]

    watched = {size["Value"] for one in alarms for size in one["Dimensions"] if size["Name"] == "use_case"}
    assert watched == set(LIMITED)
    assert {(one["Threshold"], one["ComparisonOperator"]) for one in alarms} == {
        (1.2, "GreaterThanOrEqualToThreshold")
    }
