"""Use cases with several variants: each by itself in a branch, on data sets and batch input of the run."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from constructs.models.first_deployments import CAMPAIGN

from tests.app.support.business.stages import STAGES
from tests.app.support.own_only import OWN_STAGE, OWN_USE_CASES
from tests.app.support.side_by_side import BESIDE_STAGE, BESIDE_USE_CASES
from tests.app.support.template_reading import (
    Machine,
    Template,
    machines_of,
    resources_of,
    stacks_of,
    training_of,
)
from tests.app.support.workflow_jsonata import evaluate

States = dict[str, Any]
VARIANTS = {
    (stage.name, case.name): [variant.name for variant in case.variants]
    for stage, cases in ((OWN_STAGE, OWN_USE_CASES), (BESIDE_STAGE, BESIDE_USE_CASES))
    for case in cases
    if len(case.variants) > 1
}


@pytest.fixture(scope="module")
def several(templates: dict[str, Template]) -> list[tuple[list[str], Machine]]:
    """State machines with the names of their variants."""
    found = [
        (VARIANTS[stage.name, machine.use_case], machine)
        for stage in (OWN_STAGE, BESIDE_STAGE)
        for machine in machines_of(training_of(templates, stage))
        if (stage.name, machine.use_case) in VARIANTS
    ]
    assert sorted(len(names) for names, _ in found) == [2, 2, 3, 3]
    return found


def branches(machine: Machine) -> dict[str, States]:
    """By the variant's name, which begins the names of its states."""
    parallel = machine.definition["States"]["Run the variants"]
    return {branch["StartAt"].partition(":")[0]: branch["States"] for branch in parallel["Branches"]}


def nested(states: States) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in states.items():
        yield name, state
        inner = [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else [])]
        for scope in inner:
            yield from nested(scope["States"])


def test_each_variant_has_a_branch_whose_states_bear_its_name(
    several: list[tuple[list[str], Machine]],
) -> None:
    for names, machine in several:
        found = branches(machine)
        assert sorted(found) == sorted(names)
        for variant, states in found.items():
            assert {name.partition(": ")[0] for name, _ in nested(states)} == {variant}
        counted = Counter(name for name, _, _ in machine.states())
        assert counted.most_common(1)[0][1] == 1
        assert max(map(len, counted)) <= 80


def test_data_and_batch_input_are_made_once_and_batch_output_by_each(
    several: list[tuple[list[str], Machine]],
) -> None:
    for names, machine in several:
        top = machine.definition["States"]
        assert top["Extract datasets"]["Next"] == "Compare datasets"
        assert [name for name, _, _ in machine.states() if "Write batch input" in name] == [
            "Write batch input"
        ]
        decide = top[top["Compare datasets"]["Next"]]
        assert (decide["Choices"][0]["Next"], decide["Default"]) == ("Write batch input", "Run the variants")
        assert top["Write batch input"]["Next"] == "Run the variants"
        outputs = []
        for variant, states in branches(machine).items():
            for _, state in nested(states):
                arguments = state.get("Arguments", {})
                payload = arguments.get("Payload", {})
                if "JobOutput" in arguments:
                    path = arguments["JobOutput"]["S3DataDestination"]["Path"]
                    outputs.append(evaluate(path, batchInput={"outputLocation": "s3://b/out/"}))
                if "shard" in payload:
                    assert (payload["variant"], payload["sideBySide"]) == (variant, True)
        assert outputs == ["s3://b/out/personalize/"] * ("personalize" in names)
        labels = [state["Label"] for _, state, _ in machine.states() if state["Type"] == "Map"]
        assert len(labels) == len(set(labels)) == 2 * len(names) - ("personalize" in names)


def test_every_failure_in_a_branch_stays_there_and_is_told_with_the_variant_s_name(
    several: list[tuple[list[str], Machine]],
) -> None:
    for _, machine in several:
        for variant, states in branches(machine).items():
            described = f"{variant}: Describe the failure"
            for name, state in states.items():
                told = name == f"{variant}: Notify of the failure"
                if state["Type"] in ("Task", "Parallel", "Map") and not told:
                    catch = state["Catch"][-1]
                    assert catch["ErrorEquals"] == ["States.ALL"], name
                    assert catch["Next"] == described
                    assert f"{variant}: {catch['Assign']['variantStep']}" == name
                assert state["Type"] != "Fail", name
            notify = states[states[described]["Next"]]
            message = f"The variant {variant} in the training workflow of {machine.use_case} failed."
            assert message in notify["Arguments"]["Message"]
            assert f": {variant} failed at " in notify["Arguments"]["Subject"]
            ends = [states[notify["Next"]], states[notify["Catch"][0]["Next"]]]
            assert [(end["Output"]["outcome"], end["Output"]["told"]) for end in ends] == [
                ("failed", "{% true %}"),
                ("failed", "{% false %}"),
            ]


def test_every_outcome_says_of_which_variant_it_is_and_how_long_it_took(
    several: list[tuple[list[str], Machine]],
) -> None:
    more = {
        "published": {"generation", "metrics", "output"},
        "unchanged": {"generation", "metrics", "output"},
        "kept": {"verdict", "reason", "metrics"},
        "failed": {"step", "error", "cause", "told"},
    }
    for _, machine in several:
        for variant, states in branches(machine).items():
            ends = [state["Output"] for state in states.values() if state["Type"] == "Succeed"]
            assert {end["outcome"] for end in ends} == set(more)
            for end in ends:
                assert evaluate(end["variant"]) == variant
                moment = {"context": {"State": {"EnteredTime": "2026-11-21T19:50:12.500Z"}}}
                assert evaluate(end["seconds"], moment, begun=1_795_290_602_000) == 10.5
                assert end.keys() >= more[end["outcome"]]


def assigned(states: States) -> set[str]:
    """The variables of one scope: those of states within states are of another."""
    found = set[str]()
    for state in states.values():
        for one in (state, *state.get("Catch", ()), *state.get("Choices", ())):
            found |= one.get("Assign", {}).keys()
    return found


def test_no_inner_scope_assigns_a_variable_of_an_outer_one(
    several: list[tuple[list[str], Machine]],
) -> None:
    """Distributed maps see none of them."""

    def check(states: States, outer: set[str]) -> int:
        own = assigned(states)
        assert not own & outer
        inner = [branch["States"] for state in states.values() for branch in state.get("Branches", ())]
        return len(own) + sum(check(branch, outer | own) for branch in inner)

    for names, machine in several:
        assert check(machine.definition["States"], set()) > 10 * len(names)


def outcomes(*of: tuple[str, str, bool]) -> list[dict[str, Any]]:
    return [
        {"variant": variant, "outcome": outcome, "step": "Train the model", "cause": "no", "told": told}
        for variant, outcome, told in of
    ]


@pytest.mark.parametrize(
    ("found", "error", "cause"),
    [
        (
            outcomes(("own", "failed", True), ("personalize", "published", True)),
            "VariantsFailed: own",
            "Step Train the model of own: no",
        ),
        (
            outcomes(("own", "failed", True), ("heuristic", "kept", True), ("personalize", "failed", True)),
            "VariantsFailed: own, personalize",
            "Step Train the model of own: no; Step Train the model of personalize: no",
        ),
        (
            outcomes(("own", "failed", True), ("personalize", "failed", False)),
            "VariantsFailed: own, personalize",
            "Not notified. Step Train the model of own: no; Step Train the model of personalize: no",
        ),
    ],
)
def test_an_execution_fails_with_the_names_of_the_variants_that_did(
    several: list[tuple[list[str], Machine]], found: list[dict[str, Any]], error: str, cause: str
) -> None:
    for _, machine in several:
        top = machine.definition["States"]
        decide = top["Did a variant fail?"]
        assert evaluate(decide["Choices"][0]["Condition"], outcomes=found) is True
        failed = top[decide["Choices"][0]["Next"]]
        assert evaluate(failed["Error"], outcomes=found) == error
        assert evaluate(failed["Cause"], outcomes=found) == cause


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (("unchanged", "published"), "published"),
        (("kept", "unchanged"), "kept"),
        (("unchanged", "unchanged"), "unchanged"),
    ],
)
def test_otherwise_it_ends_as_the_most_that_a_variant_did(
    several: list[tuple[list[str], Machine]], found: tuple[str, str], outcome: str
) -> None:
    both = outcomes(*((name, one, True) for name, one in zip(("own", "heuristic"), found, strict=True)))
    for _, machine in several:
        top = machine.definition["States"]
        decide = top["Did a variant fail?"]
        assert evaluate(decide["Choices"][0]["Condition"], outcomes=both) is False
        output = top[decide["Default"]]["Output"]
        assert evaluate(output["outcome"], outcomes=both) == outcome
        assert evaluate(output["variants"], outcomes=both) == both


def test_a_stage_without_models_of_our_own_has_nothing_of_them(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        handlers = {
            properties["Handler"]
            for properties in resources_of(training_of(templates, stage), "AWS::Lambda::Function").values()
        }
        assert not {
            handler for handler in handlers if "train_model" in handler or "recommend_shard" in handler
        }
        layers = resources_of(training_of(templates, stage), "AWS::Lambda::LayerVersion")
        assert not [name for name in layers if "Engine" in name]


def test_each_variant_s_generation_is_watched_by_itself(templates: dict[str, Template]) -> None:
    for stage, cases in ((OWN_STAGE, OWN_USE_CASES), (BESIDE_STAGE, BESIDE_USE_CASES)):
        [stack] = [name for name in stacks_of(stage) if name.endswith("Observability")]
        watched = set()
        for alarm_name, alarm in resources_of(templates[stack], "AWS::CloudWatch::Alarm").items():
            for metric in alarm.get("Metrics", ()):
                stat = metric.get("MetricStat", {}).get("Metric", {})
                if stat.get("MetricName") == "FreshGeneration" and "Stale" in alarm_name:
                    of = {dimension["Name"]: dimension["Value"] for dimension in stat["Dimensions"]}
                    watched.add((of["use_case"], of.get("variant")))
        assert watched == {
            (case.name, variant.name if len(case.variants) > 1 else None)
            for case in cases
            for variant in case.variants
        }
        [dashboard] = resources_of(templates[stack], "AWS::CloudWatch::Dashboard").values()
        text = json.dumps(dashboard)
        for case in cases:
            for variant in case.variants if len(case.variants) > 1 else ():
                assert f"{case.name} {variant.name}" in text


def test_a_first_deployment_gives_each_variant_the_time_of_a_run_and_no_later_one_does(
    templates: dict[str, Template],
) -> None:
    """A custom resource is created once; its function counts that, before the alarm begins to look."""
    for stage, cases in ((OWN_STAGE, OWN_USE_CASES), (BESIDE_STAGE, BESIDE_USE_CASES)):
        [stack] = [name for name in stacks_of(stage) if name.endswith("Observability")]
        created = {
            name: one
            for name, one in resources_of(templates[stack], "Custom::FirstDeployment").items()
            if one["Variant"] != CAMPAIGN
        }
        waited = set()
        for resource in templates[stack]["Resources"].values():
            metrics = {
                each["Id"]: each["MetricStat"]["Metric"]
                for each in resource["Properties"].get("Metrics", ())
                if "MetricStat" in each
            }
            if metrics.get("deployed", {}).get("MetricName") != "FirstDeployment":
                continue
            of = {each["Name"]: each["Value"] for each in metrics["deployed"]["Dimensions"]}
            if of["variant"] == CAMPAIGN:
                continue
            [counted] = [created[name] for name in resource["DependsOn"] if name in created]
            assert (of["stage"], counted["UseCase"], counted["Variant"]) == (
                stage.name,
                of["use_case"],
                of["variant"],
            )
            [expression] = [
                each["Expression"] for each in resource["Properties"]["Metrics"] if "Expression" in each
            ]
            assert expression == "FILL(fresh, 0) + FILL(deployed, 0)"
            assert "and no deployment of its model either" in resource["Properties"]["AlarmDescription"]
            waited.add((of["use_case"], of["variant"]))
        assert waited == {(case.name, variant.name) for case in cases for variant in case.by_engine}
        assert len(created) == len(waited)
