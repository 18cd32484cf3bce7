"""The API's functions may do what their entries call, in their own region, and nothing else."""

import json
from collections.abc import Iterator

import pytest

from config.derived.names import PersonalizeNames, serving_table_name
from config.schema import StageConfig
from config.use_cases import USE_CASES
from tests.app.support.business.stages import STAGES
from tests.app.support.rights import modules_of, operations_in
from tests.app.support.template_reading import Right, Template, linked, resources_of, rights_of

ENTRIES = {
    "openapi": {},
    "recommendations": {
        "dynamodb:GetItem": ("get_item", ["opted-out", "popular#*", "user#*"]),
        "dynamodb:Query": (
            "query",
            ["catalogue#*", "denied#*", "opted-out", "pointer#*", "popular#*", "region#active"],
        ),
    },
}
PLACES = [(stage, region) for stage in STAGES for region in stage.regions]


@pytest.mark.parametrize(("stage", "region"), PLACES, ids=lambda value: str(getattr(value, "name", value)))
@pytest.mark.parametrize("entry", ENTRIES)
def test_an_api_function_may_do_what_its_entry_calls_and_nothing_else(
    templates: dict[str, Template], stage: StageConfig, region: str, entry: str
) -> None:
    template = linked(templates, f"{stage.id_in(region)}-Serving")
    [function] = [
        properties
        for properties in resources_of(template, "AWS::Lambda::Function").values()
        if properties["Handler"] == f"api.{entry}.lambda_handler"
    ]

    allowed = rights_of(template, function["Role"]["Fn::GetAtt"][0])

    table = f"arn:aws:dynamodb:{region}:{stage.account}:table/{serving_table_name(stage.name)}"
    log_group = f"<{function['LoggingConfig']['LogGroup']['Ref']}.Arn>"
    assert allowed == {
        Right("logs:CreateLogStream", log_group),
        Right("logs:PutLogEvents", log_group),
        Right("xray:PutTelemetryRecords", "*"),
        Right("xray:PutTraceSegments", "*"),
        *(Right(action, table, _leading(keys)) for action, (_, keys) in ENTRIES[entry].items()),
        *(_realtime(stage) if entry == "recommendations" and region == stage.region else ()),
    }


def _realtime(stage: StageConfig) -> Iterator[Right]:
    """Campaigns of real-time use cases, and the filters of what a user has already."""
    for use_case in USE_CASES:
        if use_case.campaign_in(stage.name) and use_case.endpoint and use_case.endpoint.realtime:
            names = PersonalizeNames(stage.name, use_case)
            for resource in (f"campaign/{names.campaign}", f"filter/{names.own_items_filter}"):
                arn = f"arn:aws:personalize:{stage.region}:{stage.account}:{resource}"
                yield Right("personalize:GetRecommendations", arn)


def _leading(keys: list[str]) -> str:
    only = keys[0] if len(keys) == 1 else keys
    return json.dumps({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": only}}, sort_keys=True)


def test_the_calls_above_are_those_in_the_code_of_the_entry() -> None:
    """Campaigns are asked in stages that have one, a secret where there is a server at a URL; what that takes
    is shown with them. Whoever takes over writes an epoch, which this only reads.
    """
    elsewhere = {"get_recommendations", "get_secret_value", "put_item"}
    called = operations_in(modules_of("api.recommendations")) - elsewhere

    assert {operation for operation, _ in ENTRIES["recommendations"].values()} == called
