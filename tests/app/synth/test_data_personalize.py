"""Decisions about what Amazon Personalize holds."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import build_app
from config.derived.names import PersonalizeNames
from config.schema import UseCase
from config.types.errors import ConfigError
from config.use_cases import USE_CASES
from tests.app.support.business.stages import DEV, STAGES, STAGING

PRIMARIES = [f"{stage.id_in(stage.region)}-Data" for stage in STAGES]
CREATE_ONLY_TAGS = ("DatasetGroup", "Schema", "Dataset", "Solution")
every_primary = pytest.mark.parametrize("data_stack", PRIMARIES)


def reaches(resources: dict[str, dict[str, Any]], start: str) -> set[str]:
    """What must exist before, and is deleted after, the resource."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        resource = resources[waiting.pop()]
        text = json.dumps(resource.get("Properties", {})) + json.dumps(resource.get("DependsOn", []))
        for name in resources:
            if f'"{name}"' in text and name not in found:
                found.add(name)
                waiting.append(name)
    return found


@every_primary
def test_no_solution_trains_on_its_own(resources: Callable[..., dict[str, Any]], data_stack: str) -> None:
    solutions = set(resources(data_stack, "AWS::Personalize::Solution"))
    settled = {
        settings["Properties"]["SolutionArn"]["Fn::GetAtt"][0]
        for settings in resources(data_stack, "Custom::SolutionSettings").values()
    }

    assert len(solutions) == len(USE_CASES)
    assert settled == solutions


@pytest.mark.parametrize("use_case", USE_CASES, ids=lambda use_case: use_case.name)
def test_event_weights_reach_the_solution(
    resources: Callable[..., dict[str, Any]], use_case: UseCase
) -> None:
    name = "".join(word.capitalize() for word in use_case.name.split("_"))
    [settings] = [
        resource["Properties"]["EventTypes"]
        for logical_id, resource in resources(PRIMARIES[0], "Custom::SolutionSettings").items()
        if logical_id.startswith(name)
    ]

    assert {event["name"]: event["weight"] for event in settings} == {
        event.name: event.weight for event in use_case.event_types if event.weight is not None
    }


@every_primary
def test_a_changed_tag_never_replaces_data(resources: Callable[..., dict[str, Any]], data_stack: str) -> None:
    for type_ in CREATE_ONLY_TAGS:
        found = resources(data_stack, f"AWS::Personalize::{type_}")
        assert found
        assert not [name for name, resource in found.items() if "Tags" in resource["Properties"]]


@every_primary
def test_filters_and_solutions_go_before_datasets_and_those_before_group_and_schema(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    everything = resources(data_stack)
    for name, resource in everything.items():
        before = {everything[other]["Type"].split("::")[-1] for other in reaches(everything, name)}
        match resource["Type"]:
            case "AWS::Personalize::Dataset":
                assert {"DatasetGroup", "Schema"} <= before
                assert "Solution" not in before
            case "AWS::Personalize::Solution" | "AWS::Personalize::Filter":
                assert {"Dataset", "DatasetGroup", "Schema"} <= before


@every_primary
def test_what_belongs_together_is_joined_by_attributes_not_by_names(
    resources: Callable[..., dict[str, Any]], data_stack: str
) -> None:
    text = json.dumps(resources(data_stack, "AWS::Personalize"))

    assert '"Ref"' not in text


def test_no_other_stack_holds_on_to_something_that_a_changed_use_case_replaces(
    templates: dict[str, dict[str, Any]],
) -> None:
    for name, template in templates.items():
        exported = json.dumps(
            [output for output in template.get("Outputs", {}).values() if "Export" in output]
        )
        for logical_id, resource in template["Resources"].items():
            if resource["Type"].startswith("AWS::Personalize::"):
                assert f'"{logical_id}"' not in exported, f"{name} exports {logical_id}"


def test_own_items_are_filtered_where_there_are_any(resources: Callable[..., dict[str, Any]]) -> None:
    filters = {
        resource["Properties"]["Name"]: resource["Properties"]["FilterExpression"]
        for resource in resources(PRIMARIES[0], "AWS::Personalize::Filter").values()
    }

    assert filters == {
        PersonalizeNames("dev", use_case).own_items_filter: use_case.own_items.filter_expression
        for use_case in USE_CASES
        if use_case.own_items.filter_expression
    }


def test_a_campaign_is_in_no_template_but_goes_with_its_solution_where_one_is_asked_for(
    templates: dict[str, Any],
) -> None:
    for stage, stack in zip(STAGES, PRIMARIES, strict=True):
        resources = templates[stack]["Resources"].values()
        removals = [one for one in resources if one["Type"] == "Custom::CampaignRemoval"]
        asked = [use_case for use_case in USE_CASES if use_case.campaign_in(stage.name)]

        assert not [one for one in resources if one["Type"] == "AWS::Personalize::Campaign"]
        assert [one["Properties"]["CampaignArn"].rpartition("/")[2] for one in removals] == [
            PersonalizeNames(stage.name, use_case).campaign for use_case in asked
        ]
        for one in removals:
            solution, attribute = one["Properties"]["SolutionArn"]["Fn::GetAtt"]
            assert (templates[stack]["Resources"][solution]["Type"], attribute) == (
                "AWS::Personalize::Solution",
                "SolutionArn",
            )
            assert one["DeletionPolicy"] == "Delete"


@pytest.mark.prove
def test_too_many_dataset_groups_in_an_account_are_a_warning_on_each_stage(
    tmp_path: Path, no_bundling: dict[str, Any]
) -> None:
    shared = (DEV, replace(STAGING, account=DEV.account, notifications=None))

    build_app(shared, outdir=str(tmp_path), context=no_bundling).synth()

    warned = [
        path
        for file in tmp_path.glob("assembly-*/*.metadata.json")
        for path, entries in json.loads(file.read_text()).items()
        for entry in entries
        if entry["type"] == "aws:cdk:warning" and "L-14011066" in entry["data"]
    ]
    assert sorted(warned) == ["/Dev-eu-west-1/Data", "/Staging-eu-west-1/Data"]


def test_a_faulty_configuration_builds_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="stage dev, account"):
        build_app((replace(DEV, account="1"),), outdir=str(tmp_path))

    assert not list(tmp_path.iterdir())
