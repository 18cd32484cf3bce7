"""Templates that are JSON, and not what CloudFormation takes: each is reviewed, and what is odd is named."""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.reading.assemblies import Stack, assembly_of
from review.report.building import Report
from review.report.command import main
from review.report.markdown import comment
from tests.app.synth.review.mutating import HOME
from tests.support.reviewing import Estate, reports, said

ODD: tuple[Any, ...] = (None, [], {}, "", 1, -1.5, True, [None], [[{}]], {"": {"a": None}}, "x", {"Ref": 1})
OTHER = {"Type": "AWS::CDK::Metadata"}
Path_ = tuple[Any, ...]


def small(estate: Estate) -> Stack:
    """One resource of each type of production, in one stack."""
    found: dict[str, dict[str, Any]] = {}
    for stack in estate.values():
        if stack.name.startswith("Prod-"):
            for name, one in stack.template["Resources"].items():
                found.setdefault(one["Type"], {name: one})
    template = {
        "Resources": {name: one for some in found.values() for name, one in some.items()},
        "Outputs": {"Out": {"Value": "a", "Export": {"Name": "b"}, "Condition": "Here"}},
        "Parameters": {"Mode": {"Type": "String", "Default": "calm", "NoEcho": True}},
        "Mappings": {"By": {"eu-west-1": {"Mode": "calm"}}},
        "Conditions": {"Here": {"Fn::And": [{"Fn::Equals": [{"Ref": "Mode"}, "calm"]}]}},
        "Transform": ["Macro"],
    }
    return replace(estate[f"{HOME}-Data"], template=template)


def paths(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield (*path, key)
        yield from paths(member, (*path, key))


def swapped(stack: Stack, path: Path_, value: Any) -> Stack:
    template = copy.deepcopy(stack.template)
    place: Any = template
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = copy.deepcopy(value)
    return replace(stack, template=template)


def whole(stack: Stack, template: Any) -> Stack:
    return replace(stack, template=template)


@pytest.fixture(scope="module")
def stack(assembly: Path) -> Stack:
    return small(assembly_of(assembly))


@pytest.fixture(scope="module")
def reviewed(stack: Stack) -> dict[str, Report]:
    """A dozen places of each resource, and of what else there is, with odd values, before or after."""
    chance = random.Random(14)
    cases: dict[str, tuple[Estate, Estate]] = {}
    for name, resource in stack.template["Resources"].items():
        one = replace(stack, template={**stack.template, "Resources": {name: resource, "Other": OTHER}})
        places = [path for path in paths(one.template) if path[:2] != ("Resources", "Other")]
        for path in chance.sample(places, min(12, len(places))):
            value = chance.choice(ODD)
            sides = ({one.name: one}, {one.name: swapped(one, path, value)})
            case = f"{'.'.join(map(str, path))} {json.dumps(value)}"
            cases[case] = sides if chance.random() < 0.8 else (sides[1], sides[0])
    for value in ODD:
        cases[f"all of it {json.dumps(value)}"] = ({stack.name: stack}, {stack.name: whole(stack, value)})
    return reports(cases)


def test_every_odd_template_is_reviewed(reviewed: dict[str, Report]) -> None:
    assert len(reviewed) > 300
    assert all(comment(report) for report in reviewed.values())
    assert sum("REST-009" in said(report) for report in reviewed.values()) > 30


def test_what_is_no_template_or_no_resource_is_named(stack: Stack) -> None:
    name = min(stack.template["Resources"])
    place = ("Resources", name)
    found = reports(
        {
            case: ({stack.name: stack}, {stack.name: one})
            for case, one in {
                "template": whole(stack, []),
                "resources": swapped(stack, ("Resources",), [1]),
                "resource": swapped(stack, place, [1]),
                "type": swapped(stack, (*place, "Type"), None),
                "properties": swapped(stack, (*place, "Properties"), None),
                "output": swapped(stack, ("Outputs", "Out"), 1),
                "export": swapped(stack, ("Outputs", "Out", "Export"), "b"),
            }.items()
        }
    )

    for case, report in found.items():
        [text] = said(report)["REST-009"]
        assert stack.name in text and "cannot be read as" in text, case
    assert all(name in said(found[case])["REST-009"][0] for case in ("resource", "type", "properties"))


def test_a_value_that_no_rule_can_read_is_named_with_its_resource(stack: Stack) -> None:
    [key] = [name for name, one in stack.template["Resources"].items() if one["Type"] == "AWS::KMS::Key"]
    principal = ("Resources", key, "Properties", "KeyPolicy", "Statement", 0, "Principal")
    odd = swapped(stack, principal, {"AWS": ["*", 1]})

    [report] = reports({"": ({stack.name: stack}, {stack.name: odd})}).values()

    assert any(key in text and stack.name in text for text in said(report)["REST-009"]), said(report)


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"artifacts": []},
        {"artifacts": {"a": 1}},
        {"artifacts": {"a": {"type": "aws:cloudformation:stack"}}},
    ],
    ids=json.dumps,
)
def test_a_manifest_that_is_none_is_refused_by_its_name(
    content: Any, assembly: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(content))

    assert main([str(assembly), str(tmp_path), "--quiet"]) == 2
    told = capsys.readouterr().err
    assert str(tmp_path / "manifest.json") in told and "Traceback" not in told
