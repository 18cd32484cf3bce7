"""Rules of servers that answer in real time: every mistake is told with its field, all at once."""

from dataclasses import replace
from typing import Any

import pytest

from config.rules import check
from config.schema import (
    Campaign,
    Endpoint,
    EndpointKind,
    Own,
    OwnRealtime,
    Personalize,
    Realtime,
    Server,
    UseCase,
)
from tests.app.support.business.stages import DEV, LOCAL
from tests.app.support.films import problems_of

LIVE: dict[str, Any] = {"endpoint": Endpoint(path="films", kind=EndpointKind.LIST, realtime=Realtime())}
GOOD = Server(
    stages=("dev",),
    url="https://recs.example.com:8443",
    campaign="arn:aws:personalize:eu-north-1:444455556666:campaign/films",
    filter="arn:aws:personalize:eu-north-1:444455556666:filter/films-own-items",
    secret="recs/dev/server",
)


def test_either_variant_may_have_a_server_and_another_stage_something_else(good: UseCase) -> None:
    for variants in (
        (Own(server=GOOD),),
        (Personalize(server=GOOD), Own()),
        (Personalize(campaign=Campaign(stages=("dev",))), Own(server=GOOD)),
    ):
        case = replace(good, variants=variants, **LIVE)

        assert check((DEV,), (case,)) == ()
        assert list(case.servers_in("dev").values()) == [GOOD] and not case.servers_in("prod")


def test_plain_http_is_for_the_own_machine_of_a_stage_that_allows_it(good: UseCase) -> None:
    here = replace(GOOD, url="http://localhost:4580", stages=("local",))
    assert check((LOCAL,), (replace(good, variants=(Own(server=here),), **LIVE),)) == ()

    both = replace(here, stages=("dev", "local"))
    [problem] = problems_of(replace(good, variants=(Own(server=both),), **LIVE))
    assert "variants[own].server.url" in problem and "must be https:// in dev" in problem


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"url": "http://recs.example.com"}, "url", "must be https://"),
        ({"url": "https://user:word@recs.example.com"}, "url", "without user"),
        ({"url": "https://recs.example.com/?a=b"}, "url", "without user, query"),
        ({"url": "http://localhost.evil.example"}, "url", "must be https://"),
        ({"campaign": "films"}, "campaign", "must be the ARN of a campaign"),
        ({"filter": GOOD.campaign}, "filter", "must be the ARN of a filter"),
        ({"secret": '{"accessKeyId": "AKIA"}'}, "secret", "never its content"),
        ({"stages": ()}, "stages", "must name a stage"),
        ({"stages": ("moon",)}, "stages", "must be a stage"),
    ],
)
def test_a_mistake_is_told_with_its_field(
    good: UseCase, changes: dict[str, Any], field: str, rule: str
) -> None:
    wrong = replace(good, variants=(Own(server=replace(GOOD, **changes)),), **LIVE)

    [problem] = problems_of(wrong)

    assert problem.startswith(f"use case films, variants[own].server.{field}: ") and rule in problem


def test_a_server_answers_alone_and_somebody_asks_it(good: UseCase) -> None:
    own = Own(server=GOOD, realtime=OwnRealtime(stages=("dev", "prod")))
    [twice] = problems_of(replace(good, variants=(own,), **LIVE))
    [unasked] = problems_of(
        replace(good, variants=(Own(server=GOOD),), endpoint=Endpoint(path="films", kind=EndpointKind.LIST))
    )

    assert "must not be there beside realtime in dev" in twice
    assert "answers an endpoint that has realtime, and there is none" in unasked
