"""A use case of several variants: what serving is told of it, and its rights to read the experiment."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import build_app
from config.schema import Own
from config.stages import LOCAL
from config.use_cases import USE_CASES
from review.templates import Template, templates_of
from tests.app.support.snapshots import NO_BUNDLING


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder: Path = tmp_path_factory.mktemp("several")
    use_cases = tuple(
        replace(one, variants=(*one.variants, Own())) if one.name == "posts" else one for one in USE_CASES
    )
    stage = replace(LOCAL, notifications=None)
    build_app((stage,), use_cases, (), outdir=str(folder), context=NO_BUNDLING).synth()
    [template] = [text for name, text in templates_of(folder).items() if "Serving" in name]
    return template


def of_type(template: Any, kind: str) -> list[Any]:
    return [one["Properties"] for one in template["Resources"].values() if one["Type"] == kind]


def test_serving_knows_the_other_variants_of_a_use_case(serving: Any) -> None:
    functions = of_type(serving, "AWS::Lambda::Function")
    [text] = [
        one["Environment"]["Variables"]["API"] for one in functions if "recommendations" in one["Handler"]
    ]
    settings = json.loads(text if isinstance(text, str) else "".join(map(str, text["Fn::Join"][1])))

    found = {one["use_case"]: (one["variant"], one.get("others")) for one in settings["endpoints"]}
    assert found.pop("posts") == ("personalize", ["own"])
    assert {others for _, others in found.values()} == {None}


def test_pointers_and_experiment_may_be_read_at_once_and_nothing_else_of_their_keys(serving: Any) -> None:
    statements = [
        statement
        for policy in of_type(serving, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if "dynamodb:BatchGetItem" in statement["Action"]
    ]

    [statement] = statements
    assert statement["Action"] == "dynamodb:BatchGetItem"
    assert statement["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["experiment#*", "pointer#*"]}
    }
