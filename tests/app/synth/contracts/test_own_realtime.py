"""A stage with a stored model that answers in real time: its function, its rights, its routes, its alarms."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import build_app
from config.derived.names import serving_table_name, tracking_table_name
from config.schema import UseCase
from pipeline.serving.settings import ApiSettings, OwnRealtime
from tests.app.support.own_only import BUDGET_MS, MEMORY_MB, OWN_STAGE, OWN_USE_CASES
from tests.app.support.template_reading import STACKS, Right, Template, linked, resources_of, rights_of

ANSWERED = "training_programs"
PLACE = OWN_STAGE.id_in(OWN_STAGE.region)
SERVING, TRACKING = f"{PLACE}-Serving", f"{PLACE}-Tracking"


def function(template: Template, handler: str = "api.realtime.lambda_handler") -> dict[str, Any]:
    found: dict[str, Any]
    [found] = [
        properties
        for properties in resources_of(template, "AWS::Lambda::Function").values()
        if properties["Handler"] == handler
    ]
    return found


def test_it_has_the_memory_that_it_asks_for_and_numpy_alone(templates: dict[str, Template]) -> None:
    template = templates[SERVING]
    found = function(template)

    layers = [template["Resources"][layer["Ref"]]["Properties"] for layer in found["Layers"]]
    names = {layer["Description"] for layer in layers}
    assert found["MemorySize"] == MEMORY_MB
    assert names == {"AWS Lambda Powertools", "NumPy", "The recommendation engine"}
    assert found["EphemeralStorage"]["Size"] > 512, "a model on its way beside the one in use"


def test_it_may_read_the_models_of_its_use_case_and_what_an_answer_needs(
    templates: dict[str, Template],
) -> None:
    template = linked(templates, SERVING)
    found = function(template)
    table = f"arn:aws:dynamodb:{OWN_STAGE.region}:{OWN_STAGE.account}:table/"

    rights = rights_of(template, found["Role"]["Fn::GetAtt"][0])

    others = {right for right in rights if right.action.split(":")[0] not in ("logs", "xray", "dynamodb")}
    reads = {(right.action, right.resource.partition("/")[2]) for right in others}
    assert reads == {
        ("s3:GetObject", f"models/{ANSWERED}/own/*"),
        ("s3:GetObject", f"runs/{ANSWERED}/own/last_good.json"),
        ("kms:Decrypt", ""),
    }
    tables = {right for right in rights if right.action.startswith("dynamodb:")}
    assert tables == {
        _on(table + serving_table_name("own"), "dynamodb:GetItem", "opted-out", "popular#*", "user#*"),
        _on(
            table + serving_table_name("own"),
            "dynamodb:Query",
            *("catalogue#*", "denied#*", "opted-out", "pointer#*", "popular#*"),
        ),
        _on(table + tracking_table_name("own"), "dynamodb:Query", f"recent#{ANSWERED}#*"),
    }


def _on(table: str, action: str, *keys: str) -> Right:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*keys]}}
    return Right(action, table, json.dumps(condition, sort_keys=True))


def test_its_use_case_s_routes_lead_to_it_and_others_to_the_small_function(
    templates: dict[str, Template],
) -> None:
    template = templates[SERVING]
    leads = {
        route["RouteKey"]: handler_behind(template, route)
        for route in resources_of(template, "AWS::ApiGatewayV2::Route").values()
        if "users" in route["RouteKey"] and "attributes" not in route["RouteKey"]
    }

    assert leads == {
        "GET /v1/users/{userId}/training-programs": "api.realtime",
        "POST /v1/users/{userId}/training-programs/ranking": "api.realtime",
        "GET /v1/users/{userId}/people-to-follow": "api.recommendations",
    }


def handler_behind(template: Template, route: dict[str, Any]) -> str:
    integration = template["Resources"][route["Target"]["Fn::Join"][1][1]["Ref"]]["Properties"]
    name = integration["IntegrationUri"]["Fn::GetAtt"][0]
    return str(template["Resources"][name]["Properties"]["Handler"].removesuffix(".lambda_handler"))


def test_functions_know_its_budget_and_what_is_left_out(templates: dict[str, Template]) -> None:
    for handler in ("api.realtime", "api.openapi"):
        variables = function(templates[SERVING], f"{handler}.lambda_handler")["Environment"]["Variables"]
        settings = ApiSettings.from_json(variables["API"])
        own = {endpoint.use_case: endpoint.own for endpoint in settings.endpoints if endpoint.own}
        assert own == {ANSWERED: OwnRealtime(budget_ms=BUDGET_MS, touched=True, tracked=True)}


def test_it_is_watched_as_the_api_s_other_functions_are(templates: dict[str, Template]) -> None:
    alarms = resources_of(templates[f"{PLACE}-Observability"], "AWS::CloudWatch::Alarm").values()
    told = [alarm["AlarmDescription"] for alarm in alarms]

    for entry in ("recommendations", f"realtime_{ANSWERED}"):
        assert len([text for text in told if f"The function {entry} " in text or f" {entry}:" in text]) >= 2


def test_the_consumer_keeps_events_that_the_model_learns_from(templates: dict[str, Template]) -> None:
    template = linked(templates, TRACKING)
    consumer = function(template, "steps.consume_events.lambda_handler")

    told = json.dumps(consumer["Environment"]["Variables"]["TRACKED_USE_CASES"]).replace("\\", "")
    assert '"remembered":["view","join","complete"]' in told
    assert told.count("remembered") == 1
    written = {
        right.conditions
        for right in rights_of(template, consumer["Role"]["Fn::GetAtt"][0])
        if right.action == "dynamodb:BatchWriteItem"
    }
    assert written == {_on("", "", "recent#*").conditions}


def test_the_dashboard_tells_apart_what_was_shown_by_the_model(templates: dict[str, Template]) -> None:
    [dashboard] = resources_of(templates[f"{PLACE}-Observability"], "AWS::CloudWatch::Dashboard").values()
    text = json.dumps(dashboard).replace("\\", "")

    assert text.count('"100 * actions_own_realtime / impressions_own_realtime"') == 1


@pytest.mark.parametrize("stack", [name for name in STACKS if name.endswith(("-Serving", "-Tracking"))])
def test_stages_without_it_have_nothing_of_it(templates: dict[str, Template], stack: str) -> None:
    text = json.dumps(templates[stack])

    assert "api.realtime" not in text
    assert "recent#" not in text
    assert "remembered" not in text


def test_replicas_answer_by_stored_lists(no_bundling: dict[str, Any], tmp_path: Path) -> None:
    """Models are in the region where they were trained."""
    [case] = [case for case in OWN_USE_CASES if case.name == ANSWERED]
    stage = replace(OWN_STAGE, replica_regions=("eu-central-1",))
    cases: tuple[UseCase, ...] = (case,)

    build_app((stage,), cases, (), outdir=str(tmp_path), context=no_bundling).synth()

    [replica] = tmp_path.glob("assembly-*eu-central-1/*Serving*.template.json")
    assert "api.realtime" not in replica.read_text(encoding="utf-8")
