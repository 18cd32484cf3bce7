"""What names, health checks and canaries of a stage's regions must obey."""

import re
from collections.abc import Iterator
from functools import partial

from config.types.errors import Problem
from config.types.serving import ApiDomain, JwtAuthorization, Routing
from config.types.stage_config import StageConfig

CHECKERS = (
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-west-1",
    "us-west-2",
)
"""Regions of Route 53's health checkers."""
_FEWEST_CHECKERS = 3
_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_ZONE = re.compile(r"Z[A-Z0-9]{1,31}")
_LONGEST_NAME = 48
"""A certificate's first name has 64 characters at most, and a region's name comes before this one."""


def routing_problems(stage: StageConfig) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    canary = stage.api.canary
    if not 1 <= canary.minutes <= 60:
        yield about("api.canary.minutes", canary.minutes, "must be from 1 to 60 minutes")
    if canary.latency_ms < 1:
        yield about("api.canary.latency_ms", canary.latency_ms, "must be 1 ms or more")
    if stage.standby_regions and not canary.enabled:
        yield about(
            "api.canary.enabled",
            False,
            "must be True while the stage has standby_regions: it says which region is the active one to "
            "the alarms of lists that are not renewed",
        )
    if stage.api.domain:
        yield from _names(stage, stage.api.domain)
        yield from _routes(stage, stage.api.domain)
        yield from _checks(stage, stage.api.domain)


def _names(stage: StageConfig, domain: ApiDomain) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    if not _NAME.fullmatch(domain.name) or len(domain.name) > _LONGEST_NAME:
        rule = f"must be a name such as api.example.com, in lower case, of {_LONGEST_NAME} characters at most"
        yield about("api.domain.name", domain.name, rule)
    if not _NAME.fullmatch(domain.zone_name):
        yield about("api.domain.zone_name", domain.zone_name, "must be a name such as example.com")
    elif domain.name != domain.zone_name and not domain.name.endswith(f".{domain.zone_name}"):
        yield about("api.domain.name", domain.name, f"must be in the zone {domain.zone_name}")
    if not _ZONE.fullmatch(domain.zone_id):
        yield about("api.domain.zone_id", domain.zone_id, "must be the id of a hosted zone, Z and more")


def _routes(stage: StageConfig, domain: ApiDomain) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    routing = domain.routing
    if routing is None:
        return
    if not isinstance(stage.api.authorization, JwtAuthorization):
        rule = "must be None: a signature (IAM) holds for the region that it names, wherever a name leads"
        yield about("api.domain.routing", routing, rule)
    if len(stage.regions) < 2:
        yield about("api.domain.routing", routing, "must be None: the stage has one region")
    if routing is Routing.FAILOVER and len(stage.regions) > 2:
        rule = f"leads to two regions at most, and there are {len(stage.regions)}: take latency"
        yield about("api.domain.routing", routing, rule)


def _checks(stage: StageConfig, domain: ApiDomain) -> Iterator[Problem]:
    about = partial(Problem, f"stage {stage.name}")
    if domain.check_seconds not in (10, 30):
        yield about("api.domain.check_seconds", domain.check_seconds, "must be 10 or 30 seconds")
    if not 1 <= domain.check_failures <= 10:
        yield about("api.domain.check_failures", domain.check_failures, "must be from 1 to 10")
    if wrong := [region for region in domain.check_from if region not in CHECKERS]:
        yield about("api.domain.check_from", wrong, f"must be of {', '.join(CHECKERS)}")
    if 0 < len(set(domain.check_from)) < _FEWEST_CHECKERS or len(set(domain.check_from)) < len(
        domain.check_from
    ):
        rule = f"must name {_FEWEST_CHECKERS} different regions or more, or none"
        yield about("api.domain.check_from", domain.check_from, rule)
