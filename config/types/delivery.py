"""How stages are delivered from pull requests; config/rules/delivery.py says what values must obey."""

from dataclasses import dataclass

ALARM_LIMIT = 5
"""Alarms that CloudFormation lets watch a deployment (RollbackConfiguration)."""
BAKE_LIMIT = 45
"""Minutes: CloudFormation takes 180, but a pipeline's credentials last an hour, with the deployment in it."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A stage that is deployed to after a merge.

    bake_minutes: for how long alarms may still roll a stack's deployment back once it is done.
    approval: whether somebody looks at each change set before it is executed. In GitHub the environment's
    required reviewers decide, which no file can set.
    """

    stage: str
    bake_minutes: int = 0
    approval: bool = False


@dataclass(frozen=True, kw_only=True)
class GitHub:
    """repository: owner/name."""

    repository: str
    branch: str = "main"
    runner: str = "ubuntu-24.04"


@dataclass(frozen=True, kw_only=True)
class GitLab:
    """project: its path, group/name. image: with Python 3.11 or newer, make and git."""

    project: str
    branch: str = "main"
    host: str = "gitlab.com"
    image: str = "python:3.12-bookworm"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """targets: in the order in which they are deployed to; one that fails stops those behind it."""

    targets: tuple[Target, ...]
    github: GitHub | None = None
    gitlab: GitLab | None = None
