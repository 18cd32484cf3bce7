"""The API's functions may do what their entries call, in their own region, and nothing else."""

import json

import pytest

from config.names import serving_table_name
from config.schema import StageConfig
from config.stages import STAGES
from tests.synth.reading import Right, Template, linked, resources_of, rights_of
from tests.synth.test_iam_functions import modules_of, operations_in

ENTRIES = {
    "openapi": {},
    "recommendations": {
        "dynamodb:GetItem": ("get_item", ["pointer#*", "popular#*", "user#*"]),
        "dynamodb:Query": ("query", ["catalogue#*", "popular#*"]),
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
    }


def _leading(keys: list[str]) -> str:
    only = keys[0] if len(keys) == 1 else keys
    return json.dumps({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": only}}, sort_keys=True)


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_calls_above_are_those_in_the_code_of_the_entry(entry: str) -> None:
    """Campaigns are asked in stages that have one; what that takes is shown with them."""
    called = operations_in(modules_of(f"api.{entry}")) - {"get_recommendations"}

    assert {operation for operation, _ in ENTRIES[entry].values()} == called
