"""A use case of several variants: what serving is told of it, and its rights to read the experiment."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from config.schema import Own
from config.stages import LOCAL
from config.use_cases import USE_CASES
from stacks.serving import ServingStack
from tests.app.support.snapshots import NO_BUNDLING


@pytest.fixture(scope="module")
def serving() -> Any:
    use_cases = [
        replace(one, variants=(*one.variants, Own())) if one.name == "posts" else one for one in USE_CASES
    ]
    app = cdk.App(context=NO_BUNDLING)
    environment = cdk.Environment(account=LOCAL.account, region=LOCAL.region)
    stage = cdk.Stage(app, LOCAL.id_in(LOCAL.region), env=environment)
    stack = ServingStack(stage, "Serving", stage=LOCAL, region=LOCAL.region, use_cases=use_cases)
    return assertions.Template.from_stack(stack).to_json()


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
