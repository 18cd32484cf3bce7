"""The API's description is valid OpenAPI 3.1, whatever a stage serves."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from pipeline.openapi.document import document
from pipeline.serving.settings import ApiSettings
from tests.app.support.serving_api import ONE, POSTS, PROGRAMS, Api, ids, publish

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


def test_as_many_items_are_asked_for_as_the_description_says(dynamodb: Any) -> None:
    feed = replace(POSTS, longest=200)
    api = Api(dynamodb, endpoints=(feed, PROGRAMS))
    many = [f"i{number}" for number in range(150)]
    publish(dynamodb, "posts", ONE, {"u1": many}, popular=["p"])
    publish(dynamodb, "programs", ONE, {"u1": many}, popular=["p"], catalogue=[many])
    described = document(api.settings)
    [limit] = [
        parameter["schema"]
        for parameter in described["paths"]["/v1/users/{userId}/posts"]["get"]["parameters"]
        if parameter["name"] == "limit"
    ]
    ranked = described["components"]["schemas"]["RankingRequest"]["properties"]["items"]

    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 100, 20)
    assert (ranked["minItems"], ranked["maxItems"]) == (1, 500)
    for query, found in (({}, 20), ({"limit": "1"}, 1), ({"limit": "100"}, 100)):
        assert len(ids(api.call(feed.route, path={"userId": "u1"}, query=query)[1])) == found
    assert len(ids(api.rank("u1", [f"r{number}" for number in range(500)]))) == 500
    assert len(ids(api.get(feed, "u1", exclude=",".join(many[:100])))) == 20
    for query in ({"limit": "0"}, {"limit": "101"}, {"exclude": ",".join(many[:101])}):
        assert api.call(feed.route, path={"userId": "u1"}, query=query)[0] == 400
    for items in ([], [f"r{number}" for number in range(501)]):
        api.rank("u1", items, status=400)


def test_every_operation_says_how_it_may_be_refused() -> None:
    """By the gateway too, in its own words: without credentials, without the right, in haste."""
    told = {"stage": "test", "authorization": "iam", "endpoints": ENDPOINTS, "notifies": True}
    described = document(ApiSettings.from_json(json.dumps(told)))

    statuses = {
        f"{method} {path}": sorted(map(int, operation["responses"]))
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    by_gateway = {
        f"{method} {path}": sorted(
            int(status)
            for status, response in operation["responses"].items()
            if len(response.get("content", ())) > 1
        )
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }

    refused = [401, 403, 429]
    for route, found in statuses.items():
        if found != [200, 404]:  # pages for people
            assert 500 in found
        assert by_gateway[route] == [status for status in refused if status in found]
    assert statuses["get /v1/users/{userId}/posts"] == [200, 400, *refused[:2], 410, 429, 500, 503]
    assert statuses["post /v1/events"] == [202, 400, 401, 403, 413, 415, 429, 500, 503]
    assert statuses["get /v1/health"] == [200, 429, 500, 503]
    assert statuses["put /v1/devices"] == [200, 400, 401, 403, 409, 413, 415, 429, 500]
    assert statuses["get /v1/openapi.json"] == [200, 500]
    assert described["components"]["schemas"]["Problem"]["properties"]["status"] == {
        "type": "integer",
        "minimum": 400,
        "maximum": 599,
    }
