"""A use case of several variants: what serving is told of it, and its rights to read the experiment."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from config.schema import Own, Realtime, Server, UseCase
from config.use_cases import USE_CASES
from pipeline.serving.settings import ApiSettings
from stacks.serving import ServingStack
from tests.app.support.business.stages import LOCAL
from tests.app.support.snapshots import NO_BUNDLING

ALONE = replace(LOCAL, notifications=None)
"""Without the secret of links in e-mails."""
ARN = "arn:aws:personalize:eu-north-1:444455556666"
SERVER = Server(
    stages=(LOCAL.name,),
    url="https://recs.example.com:8443",
    campaign=f"{ARN}:campaign/posts",
    filter=f"{ARN}:filter/posts",
    secret="recs/local/server",
)


@pytest.fixture(scope="module")
def serving() -> Any:
    return synthesised(
        [replace(one, variants=(*one.variants, Own())) if one.name == "posts" else one for one in USE_CASES]
    )


def asking(server: Server) -> Any:
    """Of a stage whose posts a server answers in real time."""
    [posts] = [one for one in USE_CASES if one.name == "posts"]
    assert posts.endpoint
    endpoint = replace(posts.endpoint, realtime=Realtime(budget_ms=70))
    return synthesised([replace(posts, variants=(Own(server=server),), endpoint=endpoint)])


def synthesised(use_cases: list[UseCase]) -> Any:
    app = cdk.App(context=NO_BUNDLING)
    environment = cdk.Environment(account=LOCAL.account, region=LOCAL.region)
    stage = cdk.Stage(app, LOCAL.id_in(LOCAL.region), env=environment)
    stack = ServingStack(stage, "Serving", stage=ALONE, whole=ALONE, region=LOCAL.region, use_cases=use_cases)
    return assertions.Template.from_stack(stack).to_json()


def of_type(template: Any, kind: str) -> list[Any]:
    return [one["Properties"] for one in template["Resources"].values() if one["Type"] == kind]


def settings_of(template: Any) -> Any:
    functions = of_type(template, "AWS::Lambda::Function")
    [text] = [
        one["Environment"]["Variables"]["API"] for one in functions if "recommendations" in one["Handler"]
    ]
    return json.loads(text if isinstance(text, str) else "".join(map(str, text["Fn::Join"][1])))


def rights_beyond(template: Any) -> list[tuple[Any, Any]]:
    """Actions and resources of secrets and of Personalize."""
    return [
        (statement["Action"], statement["Resource"])
        for policy in of_type(template, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if str(statement["Action"]).startswith(("secretsmanager", "personalize"))
    ]


def test_a_server_is_known_by_its_address_and_its_secret_by_name_alone() -> None:
    template = asking(SERVER)

    [endpoint] = settings_of(template)["endpoints"]
    [right] = rights_beyond(template)

    assert endpoint["servers"] == [
        {
            "variant": "own",
            "url": SERVER.url,
            "campaign_arn": SERVER.campaign,
            "filter_arn": SERVER.filter,
            "budget_ms": 70,
            "secret": "recs/local/server",
        }
    ]
    assert right[0] == "secretsmanager:GetSecretValue"
    assert json.dumps(right[1]).endswith(':secret:recs/local/server-??????"]]}')
    read = ApiSettings.from_json(json.dumps(settings_of(template))).endpoints[0]
    assert read.campaign_of("own") == read.servers[0]


def test_without_a_secret_the_role_may_ask_that_campaign_and_nothing_else() -> None:
    assert rights_beyond(asking(replace(SERVER, secret=None))) == [
        ("personalize:GetRecommendations", [SERVER.campaign, SERVER.filter])
    ]


def test_serving_knows_the_other_variants_of_a_use_case(serving: Any) -> None:
    settings = settings_of(serving)

    found = {one["use_case"]: (one["variant"], one.get("others")) for one in settings["endpoints"]}
    assert found.pop("posts") == ("personalize", ["own"])
    assert {others for _, others in found.values()} == {None}


def test_the_experiment_may_be_read_where_there_are_several_variants(serving: Any) -> None:
    statements = [
        statement
        for policy in of_type(serving, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if "experiment#*" in str(statement.get("Condition"))
    ]

    [statement] = statements
    assert statement["Action"] == "dynamodb:GetItem"
    assert statement["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["experiment#*"]}}
