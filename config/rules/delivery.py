"""What the delivery of stages must obey."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from config.types.delivery import BAKE_LIMIT, Delivery, Target
from config.types.errors import Problem
from config.types.stage_config import StageConfig, Tier

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_PROJECT = re.compile(r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+")
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?")
_ORDER = (Tier.DEVELOPMENT, Tier.STAGING, Tier.PRODUCTION)


def delivery_problems(delivery: Delivery, stages: Sequence[StageConfig]) -> Iterator[Problem]:
    """stages: all that there are. Patterns keep what is written into policies and workflow files from
    meaning more than a name.
    """
    known = {stage.name: stage for stage in stages}
    names = [target.stage for target in delivery.targets]
    about = partial(Problem, "delivery")
    if len(names) > len(set(names)):
        yield about("targets", names, "must name each stage once")
    for target in delivery.targets:
        yield from _target_problems(target, known)
    tiers = [_ORDER.index(known[name].tier) for name in names if name in known]
    if tiers != sorted(tiers):
        yield about("targets", names, "must be in the order development, staging, production")
    if github := delivery.github:
        if not _REPOSITORY.fullmatch(github.repository):
            yield about("github.repository", github.repository, "must be owner/name")
        yield from _branch_problems("github.branch", github.branch)
    if gitlab := delivery.gitlab:
        if not _PROJECT.fullmatch(gitlab.project):
            yield about("gitlab.project", gitlab.project, "must be a path such as group/name")
        if not _HOST.fullmatch(gitlab.host):
            yield about("gitlab.host", gitlab.host, "must be a name such as gitlab.com")
        yield from _branch_problems("gitlab.branch", gitlab.branch)


def _target_problems(target: Target, known: dict[str, StageConfig]) -> Iterator[Problem]:
    about = partial(Problem, f"delivery to {target.stage}")
    if target.stage not in known:
        yield about("stage", target.stage, f"must be one of {', '.join(known)}")
    elif known[target.stage].loopback_http:
        yield about("stage", target.stage, "must not be a stage of somebody's own machine")
    if not 0 <= target.bake_minutes <= BAKE_LIMIT:
        yield about(
            "bake_minutes", target.bake_minutes, f"must be from 0 to {BAKE_LIMIT}: credentials last an hour"
        )


def _branch_problems(field: str, branch: str) -> Iterator[Problem]:
    if not _BRANCH.fullmatch(branch):
        yield Problem("delivery", field, branch, "must be the plain name of a branch")
