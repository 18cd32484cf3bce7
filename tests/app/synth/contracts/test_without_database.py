"""A stage without a database: its extraction reads files, and is given nothing of a database."""

from dataclasses import replace
from pathlib import Path

import pytest

from app import build_app
from config.use_cases import USE_CASES
from review.reading.templates import templates_of
from tests.app.support.business.stages import DEV
from tests.app.support.environment_reading import variables_read
from tests.app.support.rights import arns_of
from tests.app.support.snapshots import NO_BUNDLING
from tests.app.support.step_contracts import Call, calls_of, problems_of, request_of
from tests.app.support.template_reading import (
    Template,
    linked,
    machines_of,
    resources_of,
    rights_of,
    training_of,
)

STAGE = replace(DEV, name="files", database=None, notifications=None)
CASES = tuple(case for case in USE_CASES if case.tracking and case.tracking.trains_on)
HANDLER = "steps.extract_file.lambda_handler"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    folder: Path = tmp_path_factory.mktemp("assembly")
    build_app((STAGE,), CASES, (), outdir=str(folder), context=NO_BUNDLING).synth()
    return templates_of(folder)


@pytest.fixture(scope="module")
def extractions(templates: dict[str, Template]) -> list[Call]:
    template = linked(templates, f"{STAGE.id_in(STAGE.region)}-Training")
    calls = [call for machine in machines_of(template) for call in calls_of(template, templates, machine)]
    return [call for call in calls if "extract" in call.handler]


def test_each_dataset_is_read_from_a_file_of_its_own(extractions: list[Call]) -> None:
    files = {call.payload["file"] for call in extractions}

    assert files == {
        f"uploads/{use_case.name}/{dataset}.csv" for use_case in CASES for dataset in use_case.datasets
    }
    assert {call.handler for call in extractions} == {HANDLER}


def test_what_is_sent_to_the_extraction_is_what_it_reads(extractions: list[Call]) -> None:
    problems = problems_of(request_of(HANDLER), [call.payload for call in extractions])

    # What only a stage is told whose regions can be switched.
    assert problems == ["tracked.untold is read and never written"]


def test_the_extraction_is_in_no_network_and_knows_no_secret(templates: dict[str, Template]) -> None:
    functions = resources_of(training_of(templates, STAGE), "AWS::Lambda::Function").values()
    [function] = [function for function in functions if function["Handler"] == HANDLER]
    given = set(function["Environment"]["Variables"])

    assert not any("VpcConfig" in one for one in functions)
    assert "secretsmanager" not in str(templates)
    assert given - {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"} == variables_read(
        HANDLER.removesuffix(".lambda_handler")
    )


def test_the_extraction_reads_uploads_and_what_it_joins_and_nothing_else(
    templates: dict[str, Template],
) -> None:
    template = training_of(templates, STAGE)
    [function] = [
        properties
        for properties in resources_of(template, "AWS::Lambda::Function").values()
        if properties["Handler"] == HANDLER
    ]
    bucket = arns_of(templates, STAGE)["bucket"]
    rights = rights_of(template, function["Role"]["Fn::GetAtt"][0])

    tracked = [case.name for case in CASES]
    assert tracked
    assert {right.resource for right in rights if right.action == "s3:GetObject"} == {
        f"{bucket}/uploads/*",
        f"{bucket}/datasets/*",
        *(f"{bucket}/{prefix}/use_case={name}/*" for prefix in ("events", "joined") for name in tracked),
    }
    assert not {right.action for right in rights if right.action.startswith(("secretsmanager", "ec2"))}
