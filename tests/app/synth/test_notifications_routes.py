"""The inbox's function in every region: its rights, its routes, and where e-mails find the API."""

import json
from typing import Any

import pytest

from config.derived.names import (
    api_address_parameter,
    notifications_table_name,
    regional_api_parameter,
    serving_table_name,
    unsubscribe_secret_name,
)
from config.schema import StageConfig
from tests.app.support.business.stages import STAGES
from tests.app.support.rights import EVERYWHERE
from tests.app.support.template_reading import Right, Template, resources_of, rights_of

PLACES = [(stage, region) for stage in STAGES if stage.notifications for region in stage.regions]
everywhere = pytest.mark.parametrize(
    ("stage", "region"), PLACES, ids=[f"{stage.name}-{region}" for stage, region in PLACES]
)


def serving_of(templates: dict[str, Template], stage: StageConfig, region: str) -> Template:
    return templates[f"{stage.id_in(region)}-Serving"]


def function_of(template: Template) -> dict[str, Any]:
    [function] = [
        function
        for function in resources_of(template, "AWS::Lambda::Function").values()
        if function["Handler"] == "api.notifications.lambda_handler"
    ]
    return dict(function)


@everywhere
def test_the_function_may_do_what_it_calls_and_nothing_else(
    templates: dict[str, Template], stage: StageConfig, region: str
) -> None:
    template = serving_of(templates, stage, region)
    function = function_of(template)
    log_group = f"<{function['LoggingConfig']['LogGroup']['Ref']}.Arn>"
    where = f"{region}:{stage.account}"
    table = f"arn:aws:dynamodb:{where}:table/{notifications_table_name(stage.name)}"
    secret = f"arn:aws:secretsmanager:{where}:secret:{unsubscribe_secret_name(stage.name)}-??????"
    expected = {Right(action, "*") for action in EVERYWHERE}
    expected |= {Right(f"logs:{action}", log_group) for action in ("CreateLogStream", "PutLogEvents")}
    operations = ("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    expected |= {Right(f"dynamodb:{operation}", table) for operation in operations}
    lists = f"arn:aws:dynamodb:{where}:table/{serving_table_name(stage.name)}"
    denied = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["denied#*"]}}
    expected.add(Right("dynamodb:Query", lists, json.dumps(denied)))
    expected.add(Right("secretsmanager:GetSecretValue", secret))
    assert stage.notifications
    for application in stage.notifications.push:
        endpoints = f"{application.arn.replace(':app/', ':endpoint/')}/*"
        expected.add(Right("sns:CreatePlatformEndpoint", application.arn))
        expected |= {
            Right(f"sns:{action}", resource)
            for action in ("DeleteEndpoint", "SetEndpointAttributes")
            for resource in (application.arn, endpoints)
        }

    assert rights_of(template, function["Role"]["Fn::GetAtt"][0]) == expected


@everywhere
def test_only_links_to_unsubscribe_need_no_credentials(
    templates: dict[str, Template], stage: StageConfig, region: str
) -> None:
    routes = resources_of(serving_of(templates, stage, region), "AWS::ApiGatewayV2::Route").values()
    ours = {
        route["RouteKey"]: route["AuthorizationType"]
        for route in routes
        if route["RouteKey"].split("/")[2] in ("inbox", "devices", "unsubscribe")
    }
    open_ = {route for route, authorization in ours.items() if authorization == "NONE"}
    assert open_ == {"GET /v1/unsubscribe", "POST /v1/unsubscribe"}
    assert len(ours) == 6


@everywhere
def test_e_mails_link_to_the_primary_region_s_api(
    templates: dict[str, Template], stage: StageConfig, region: str
) -> None:
    parameters = resources_of(serving_of(templates, stage, region), "AWS::SSM::Parameter").values()
    names = {parameter["Name"] for parameter in parameters} - {regional_api_parameter(stage.name)}
    assert names == ({api_address_parameter(stage.name)} if region == stage.region else set())


@everywhere
def test_endpoints_are_made_where_the_applications_are(
    templates: dict[str, Template], stage: StageConfig, region: str
) -> None:
    variables = function_of(serving_of(templates, stage, region))["Environment"]["Variables"]
    applications = json.loads(variables["PUSH_APPLICATIONS"])
    assert all(arn.split(":")[3] == stage.region for arn in applications.values())
