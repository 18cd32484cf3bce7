"""What servers that answer in real time must obey."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from config.types.errors import Problem
from config.types.stage_config import StageConfig
from config.types.use_case import UseCase
from config.types.variants import Server

_URL = re.compile(r"https://[A-Za-z0-9.\-]+(:\d{1,5})?(/[A-Za-z0-9._~\-/]*)?")
_LOOPBACK = re.compile(r"http://(localhost|127\.0\.0\.1)(:\d{1,5})?")
_CAMPAIGN, _FILTER = (
    re.compile(rf"arn:[a-z\-]+:personalize:[a-z0-9\-]+:\d{{12}}:{kind}/[A-Za-z0-9][A-Za-z0-9_\-]{{0,62}}")
    for kind in ("campaign", "filter")
)
_SECRET = re.compile(r"[A-Za-z0-9/_+=.@\-]{1,512}")


def server_problems(stages: Sequence[StageConfig], use_cases: Sequence[UseCase]) -> Iterator[Problem]:
    """Of use cases by themselves, and of the stages whose functions ask the servers."""
    plain = {stage.name for stage in stages if stage.loopback_http}
    for use_case in use_cases:
        for variant, server in use_case.servers.items():
            yield from _of_server(use_case, f"variants[{variant}].server", server, plain)
        yield from _twice(use_case)


def _of_server(use_case: UseCase, field: str, server: Server, plain: set[str]) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    if _LOOPBACK.fullmatch(server.url):
        for name in sorted(set(server.stages) - plain):
            rule = f"must be https:// in {name}, which has no loopback_http"
            yield about(f"{field}.url", server.url, rule)
    elif not _URL.fullmatch(server.url):
        rule = "must be https://, a host, and a port if need be, without user, query or fragment"
        yield about(f"{field}.url", server.url, rule)
    for name, pattern, arn in (("campaign", _CAMPAIGN, server.campaign), ("filter", _FILTER, server.filter)):
        if arn is not None and not pattern.fullmatch(arn):
            rule = f"must be the ARN of a {name} there: arn:aws:personalize:<region>:<account>:{name}/<name>"
            yield about(f"{field}.{name}", arn, rule)
    if server.secret is not None and not _SECRET.fullmatch(server.secret):
        yield about(
            f"{field}.secret", server.secret, "must be the name of a secret, never its content or ARN"
        )
    if not server.stages:
        yield about(f"{field}.stages", server.stages, "must name a stage; no server is None instead")
    if use_case.endpoint is None or use_case.endpoint.realtime is None:
        yield about(field, server.url, "answers an endpoint that has realtime, and there is none")


def _twice(use_case: UseCase) -> Iterator[Problem]:
    """Two sources of a variant in real time, in the same stage."""
    personalize, own = use_case.personalize, use_case.own
    others = {
        "personalize": (
            "a campaign",
            personalize.campaign.stages if personalize and personalize.campaign else (),
        ),
        "own": ("realtime", own.realtime.stages if own and own.realtime else ()),
    }
    for variant, server in use_case.servers.items():
        what, taken = others[variant]
        for name in sorted({*server.stages} & {*taken}):
            rule = f"must not be there beside {what} in {name}: one of them answers"
            yield Problem(f"use case {use_case.name}", f"variants[{variant}].server.stages", name, rule)
