"""What there is to say about a type of resource; `resources.py` says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_server.facts.quotas import Quotas


@dataclass(frozen=True, kw_only=True)
class Words:
    """The status words of a life cycle."""

    pending: str = "CREATE PENDING"
    running: str = "CREATE IN_PROGRESS"
    done: str = "ACTIVE"
    failed: str = "CREATE FAILED"
    stopping: str = "CREATE STOPPING"
    stopped: str = "CREATE STOPPED"


@dataclass(frozen=True, kw_only=True)
class Parent:
    """A resource that a request names; it must exist and, unless said otherwise, be ACTIVE."""

    member: str
    kind: str
    active: bool = True
    owner: bool = False
    """the child goes when this one goes"""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most so many resources, counted in the account and region or under one parent."""

    quota: Callable[[Quotas], int]
    text: str
    """`{limit}` is the quota"""
    within: str | None = None
    """the member that names the parent; None: account and region"""
    running_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """Resources that keep another one from being deleted."""

    kind: str
    member: str
    """the blocker's member that names the one to be deleted"""
    running_only: bool = False
    updating_only: bool = False


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """The facts of one type; operation names follow from `kind` (CreateX, DescribeX, ListXs, DeleteX)."""

    kind: str
    arn: str
    """after `arn:aws:personalize:<region>:<account>:`, of {name} and {id}"""
    arn_member: str
    described_as: str
    listed_as: str
    name_member: str = "name"
    listed_by: str | None = None
    """the List request's member that filters"""
    listed_also_by: str | None = None
    """the link whose ARN that member may hold as well"""
    plural: str | None = None
    words: Words | None = Words()
    """None: no status, usable at once"""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    parents: tuple[Parent, ...] = ()
    limits: tuple[Limit, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    taggable: bool = True
    works: bool = False
    """a job of the background runner decides how it ends"""

    @property
    def listing(self) -> str:
        return self.plural or f"{self.kind}s"
