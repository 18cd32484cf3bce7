"""The API's description is valid OpenAPI 3.1, whatever a stage serves."""

from __future__ import annotations

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from pipeline.openapi.document import document
from pipeline.serving.settings import ApiSettings

ENDPOINTS = [
    {"use_case": "people", "path": "people", "kind": "list", "variant": "personalize", "longest": 50},
    {"use_case": "posts", "path": "posts", "kind": "feed", "variant": "personalize", "longest": 50},
    {"use_case": "programs", "path": "programs", "kind": "directory", "variant": "personalize", "longest": 9},
    {"use_case": "alike", "path": "programs", "kind": "similar", "variant": "personalize", "longest": 9},
]


@pytest.mark.parametrize("authorization", ["iam", "jwt"])
@pytest.mark.parametrize("endpoints", [[], ENDPOINTS])
def test_the_document_is_valid(authorization: str, endpoints: list[dict[str, object]]) -> None:
    settings = ApiSettings.from_json(
        json.dumps({"stage": "test", "authorization": authorization, "endpoints": endpoints})
    )

    described = document(settings)

    OpenAPIV31SpecValidator(described).validate()
    assert json.loads(json.dumps(described)) == described
    assert [*described["components"]["securitySchemes"]] == [authorization]


def test_who_is_looking_is_asked_for_only_where_an_experiment_may_choose_a_list_of_neighbours() -> None:
    tried = {**ENDPOINTS[3], "use_case": "tried", "path": "tried", "others": ["own"]}
    settings = ApiSettings.from_json(
        json.dumps({"stage": "test", "authorization": "iam", "endpoints": [*ENDPOINTS, tried]})
    )

    asking = {
        path
        for path, methods in document(settings)["paths"].items()
        for parameter in methods.get("get", {}).get("parameters", ())
        if parameter.get("name") == "sessionId" and "similar" in path
    }

    assert asking == {"/v1/tried/{itemId}/similar"}
