"""Rules of the serving API, each broken alone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.rules import check
from config.schema import (
    ApiConfig,
    Campaign,
    Endpoint,
    EndpointKind,
    EventType,
    JwtAuthorization,
    OwnItems,
    Personalize,
    Realtime,
    Throttling,
    UseCase,
)
from config.types.errors import ConfigError
from tests.app.support.business.stages import DEV
from tests.app.support.films import films, problems_of

CAMPAIGN: dict[str, Any] = {"variants": (Personalize(campaign=Campaign(stages=("dev",))),)}
SIMILAR: dict[str, Any] = {
    "variants": (Personalize(recipe="aws-similar-items"),),
    "event_types": (EventType(name="buy"),),
    "own_items": OwnItems(),
    "endpoint": Endpoint(path="films", kind=EndpointKind.SIMILAR),
}


@pytest.fixture
def good(tmp_path: Path) -> UseCase:
    return replace(films(tmp_path), endpoint=Endpoint(path="films", kind=EndpointKind.LIST))


def endpoint(**changes: Any) -> dict[str, Any]:
    return {"endpoint": replace(Endpoint(path="films", kind=EndpointKind.LIST), **changes)}


def test_every_kind_of_endpoint_can_be_configured(good: UseCase) -> None:
    realtime = {**endpoint(realtime=Realtime(budget_ms=100)), **CAMPAIGN}
    for changes in (*(endpoint(kind=kind) for kind in EndpointKind if kind != "similar"), SIMILAR, realtime):
        assert check((DEV,), (replace(good, **changes),)) == ()


BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "path": (endpoint(path="My Films"), "endpoint.path", "joined by -"),
    "path of the API": (endpoint(path="attributes"), "endpoint.path", "of the API itself"),
    "similar without its recipe": (endpoint(kind=EndpointKind.SIMILAR), "endpoint.kind", "answers the kind"),
    "recipe without its kind": (SIMILAR | endpoint(), "endpoint.kind", "answers the kind similar"),
    "similar items of none": ({**SIMILAR, "items": None}, "items", "there is none"),
    "own events of items": (
        {**SIMILAR, "own_items": OwnItems(event_types=("buy",))},
        "own_items.event_types",
        "no events of their own",
    ),
    "directory of nothing": (
        {**endpoint(kind=EndpointKind.DIRECTORY), "items": None},
        "endpoint.kind",
        "lists the items dataset",
    ),
    "real time of nobody": (
        endpoint(realtime=Realtime()),
        "endpoint.realtime",
        "needs a variant that answers",
    ),
    "budget": (
        {**endpoint(realtime=Realtime(budget_ms=901)), **CAMPAIGN},
        "endpoint.realtime.budget_ms",
        "from 20 to 900",
    ),
}


@pytest.mark.parametrize(("changes", "field", "rule"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_of_an_endpoint_is_named(
    good: UseCase, changes: dict[str, Any], field: str, rule: str
) -> None:
    problems = problems_of(replace(good, **changes))

    assert any(f", {field}:" in problem and rule in problem for problem in problems), problems


def test_two_use_cases_cannot_have_the_same_path(good: UseCase) -> None:
    similar = replace(good, name="alike", **SIMILAR)
    check((DEV,), (good, similar))

    problems = problems_of(good, replace(good, name="other"))

    assert [problem.split(":")[0] for problem in problems] == [
        "use case films, endpoint.path",
        "use case other, endpoint.path",
    ]


GOOD_JWT = JwtAuthorization(issuer="https://login.example.com/app", audience=("web",))


@pytest.mark.parametrize(
    "api",
    [
        ApiConfig(authorization=GOOD_JWT),
        ApiConfig(authorization=replace(GOOD_JWT, user_claim="custom:member_id")),
        ApiConfig(cors_origins=("https://app.example.com", "http://localhost:3000")),
    ],
)
def test_a_good_api_has_no_problems(api: ApiConfig) -> None:
    assert check((replace(DEV, api=api),), ()) == ()


@pytest.mark.parametrize(
    ("api", "field"),
    [
        (
            ApiConfig(authorization=replace(GOOD_JWT, issuer="http://login.example.com")),
            "authorization.issuer",
        ),
        (ApiConfig(authorization=replace(GOOD_JWT, audience=())), "authorization.audience"),
        (ApiConfig(authorization=replace(GOOD_JWT, audience=("",))), "authorization.audience"),
        (ApiConfig(authorization=replace(GOOD_JWT, user_claim="")), "authorization.user_claim"),
        (ApiConfig(cors_origins=("*",)), "cors_origins"),
        (ApiConfig(cors_origins=("https://app.example.com/",)), "cors_origins"),
        (ApiConfig(cors_origins=("http://app.example.com",)), "cors_origins"),
        (ApiConfig(throttling=Throttling(rate_per_second=0)), "throttling.rate_per_second"),
        (ApiConfig(throttling=Throttling(burst=0)), "throttling.burst"),
        (ApiConfig(latency_ms=0), "latency_ms"),
        (ApiConfig(fallback_percent=0), "fallback_percent"),
    ],
)
def test_a_broken_rule_of_an_api_is_named(api: ApiConfig, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check((replace(DEV, api=api),), ())

    [problem] = caught.value.problems
    assert problem.field == f"api.{field}"
