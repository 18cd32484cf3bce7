"""What the serving API must obey: its paths, its real time, who may ask."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from config.derived.recipes import Purpose, recommends_for_items
from config.types.errors import Problem
from config.types.serving import EndpointKind, JwtAuthorization
from config.types.stage_config import StageConfig
from config.types.use_case import UseCase

_PATH = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_URL = re.compile(r"https://[A-Za-z0-9.\-]+(:\d{1,5})?(/[A-Za-z0-9._~\-/]*)?")
_ORIGIN = re.compile(r"https://[A-Za-z0-9.\-]+(:\d{1,5})?|http://(localhost|127\.0\.0\.1)(:\d{1,5})?")
_CLAIM = re.compile(r"[A-Za-z][A-Za-z0-9_:\-./]{0,127}")
_TAKEN = ("attributes",)
_BUDGET_MS = (20, 900)
_HIGHEST_RATE = 10_000
"""API Gateway's own limit per account and region, by default."""


def endpoint_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    endpoint = use_case.endpoint
    related = recommends_for_items(use_case)
    if related and use_case.items is None:
        yield about("items", None, "similar items are found for the items dataset, and there is none")
    if related and use_case.own_items.event_types:
        rule = "must be empty where lists belong to items: they have no events of their own"
        yield about("own_items.event_types", use_case.own_items.event_types, rule)
    if endpoint is None:
        return
    if not _PATH.fullmatch(endpoint.path):
        yield about(
            "endpoint.path", endpoint.path, "must be lower-case words of letters and digits joined by -"
        )
    if endpoint.path in _TAKEN:
        yield about("endpoint.path", endpoint.path, "is a path of the API itself")
    if (endpoint.kind is EndpointKind.SIMILAR) != related:
        yield about(
            "endpoint.kind",
            endpoint.kind.value,
            f"a recipe for {Purpose.RELATED_ITEMS}, or the variant own with lists_for_items, answers the "
            "kind similar, and nothing else does",
        )
    if endpoint.kind is EndpointKind.DIRECTORY and use_case.items is None:
        yield about(
            "endpoint.kind", endpoint.kind.value, "a directory lists the items dataset, and there is none"
        )
    if endpoint.realtime:
        low, high = _BUDGET_MS
        if not low <= endpoint.realtime.budget_ms <= high:
            yield about(
                "endpoint.realtime.budget_ms", endpoint.realtime.budget_ms, f"must be from {low} to {high} ms"
            )
        campaign = use_case.personalize.campaign if use_case.personalize else None
        by_model = campaign is not None or (use_case.own is not None and use_case.own.realtime is not None)
        if not by_model and not use_case.servers:
            rule = (
                "needs a variant that answers in real time: a campaign of the variant personalize, "
                "realtime of the variant own, or a server of either"
            )
            yield about("endpoint.realtime", None, rule)
    elif use_case.own and use_case.own.realtime:
        rule = "answers an endpoint that has realtime, and this one has none"
        yield about("variants[own].realtime", None, rule)


def api_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    api = stage.api
    for origin in api.cors_origins:
        if not _ORIGIN.fullmatch(origin):
            yield about(
                "api.cors_origins",
                origin,
                "must be https:// and a host, without a path; http:// for localhost only, and never *",
            )
    rate, burst = api.throttling.rate_per_second, api.throttling.burst
    if not 1 <= rate <= _HIGHEST_RATE:
        yield about("api.throttling.rate_per_second", rate, f"must be from 1 to {_HIGHEST_RATE}")
    if not 1 <= burst <= _HIGHEST_RATE:
        yield about("api.throttling.burst", burst, f"must be from 1 to {_HIGHEST_RATE}")
    if not 1 <= api.latency_ms <= 29_000:
        yield about("api.latency_ms", api.latency_ms, "must be from 1 to 29000 ms")
    if not 0 < api.fallback_percent <= 100:
        yield about("api.fallback_percent", api.fallback_percent, "must be above 0 and at most 100")
    if isinstance(api.authorization, JwtAuthorization):
        yield from _jwt_problems(about, api.authorization)


def _jwt_problems(about: partial[Problem], jwt: JwtAuthorization) -> Iterator[Problem]:
    if not _URL.fullmatch(jwt.issuer):
        yield about("api.authorization.issuer", jwt.issuer, "must be an https:// URL")
    if not jwt.audience or not all(jwt.audience):
        yield about(
            "api.authorization.audience",
            jwt.audience,
            "must name an application: tokens for others would be taken too",
        )
    if not _CLAIM.fullmatch(jwt.user_claim):
        yield about(
            "api.authorization.user_claim", jwt.user_claim, "must be the name of a claim, such as sub"
        )


def path_problems(use_cases: Sequence[UseCase]) -> Iterator[Problem]:
    """Of all use cases together."""
    routes = Counter(_place(use_case) for use_case in use_cases if use_case.endpoint)
    for use_case in use_cases:
        if use_case.endpoint and routes[_place(use_case)] > 1:
            yield Problem(
                f"use case {use_case.name}",
                "endpoint.path",
                use_case.endpoint.path,
                "must be the path of one use case only",
            )


def _place(use_case: UseCase) -> tuple[bool, str]:
    assert use_case.endpoint
    return use_case.endpoint.kind is EndpointKind.SIMILAR, use_case.endpoint.path
