"""A use case of which one dataset is a Parquet file, in a stage whose other datasets are queries."""

from dataclasses import replace
from pathlib import Path

import pytest

from app import build_app
from config.schema import FileFormat
from config.use_cases import USE_CASES
from review.reading.templates import templates_of
from tests.app.support.business.stages import DEV
from tests.app.support.rights import arns_of
from tests.app.support.snapshots import NO_BUNDLING
from tests.app.support.step_contracts import calls_of, problems_of, request_of
from tests.app.support.template_reading import (
    Template,
    linked,
    machines_of,
    resources_of,
    rights_of,
    training_of,
)

STAGE = replace(DEV, notifications=None)
OF_FILES, OF_QUERIES = "steps.extract_file.lambda_handler", "steps.extract_dataset.lambda_handler"
[POSTS] = (case for case in USE_CASES if case.name == "posts")
ITEMS = replace(POSTS.datasets["items"], sql=None, file=FileFormat.PARQUET)  # type: ignore[index]
CASE = replace(POSTS, items=ITEMS)


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    folder: Path = tmp_path_factory.mktemp("assembly")
    build_app((STAGE,), (CASE,), (), outdir=str(folder), context=NO_BUNDLING).synth()
    return templates_of(folder)


def test_the_file_is_extracted_by_a_function_of_files_and_the_queries_by_that_of_queries(
    templates: dict[str, Template],
) -> None:
    template = linked(templates, f"{STAGE.id_in(STAGE.region)}-Training")
    calls = [call for machine in machines_of(template) for call in calls_of(template, templates, machine)]
    extractions = {call.payload["dataset"]: call for call in calls if "extract" in call.handler}

    assert {name: call.handler for name, call in extractions.items()} == {
        "interactions": OF_QUERIES,
        "users": OF_QUERIES,
        "items": OF_FILES,
    }
    items = extractions["items"].payload
    assert items["file"] == "uploads/posts/items.parquet" and "query" not in items
    assert all(" is sent" not in problem for problem in problems_of(request_of(OF_FILES), [items]))


def test_only_the_function_of_files_has_the_library_and_only_it_reads_uploads_outside_of_any_network(
    templates: dict[str, Template],
) -> None:
    template = training_of(templates, STAGE)
    functions = {one["Handler"]: one for one in resources_of(template, "AWS::Lambda::Function").values()}
    layers = resources_of(template, "AWS::Lambda::LayerVersion")
    uploads = f"{arns_of(templates, STAGE)['bucket']}/uploads/*"

    def described(handler: str) -> set[str]:
        return {
            layers[one["Ref"]]["Description"]
            for one in functions[handler]["Layers"]
            if one.get("Ref") in layers
        }

    def reads_uploads(handler: str) -> bool:
        rights = rights_of(template, functions[handler]["Role"]["Fn::GetAtt"][0])
        return ("s3:GetObject", uploads) in {(right.action, right.resource) for right in rights}

    assert described(OF_FILES) - described(OF_QUERIES) == {"DuckDB"}
    assert [reads_uploads(handler) for handler in (OF_FILES, OF_QUERIES)] == [True, False]
    assert ["VpcConfig" in functions[handler] for handler in (OF_FILES, OF_QUERIES)] == [False, True]
