"""Places, changed resources, and two assemblies side by side."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from review.changes.impacts import How
from review.changes.leaves import at, words
from review.changes.sound import Oddity
from review.reading.assemblies import Estate, Stack

Resource = Mapping[str, Any]

_HASH = re.compile(r"[0-9A-F]{8}$")
_NAMES = (
    *("TableName", "BucketName", "FunctionName", "StateMachineName", "AlarmName", "QueueName", "TopicName"),
    *("Name", "SecretName", "LogGroupName", "DashboardName", "RouteKey", "EmailIdentity", "RoleName"),
    *("StageName", "DomainName", "AliasName", "Endpoint"),
)


@dataclass(frozen=True, order=True, kw_only=True)
class Place:
    """stage: as in `Prod`. kind: of the stack, as in `Data`."""

    stage: str
    region: str
    kind: str
    account: str = ""

    @property
    def where(self) -> str:
        return "-".join(part for part in (self.stage, self.region) if part)


def place_of(stack: Stack) -> Place:
    scope, _, kind = stack.id.rpartition("/")
    scope = scope or stack.name.removesuffix(f"-{kind}")
    return Place(
        stage=scope.removesuffix(f"-{stack.region}"), region=stack.region, kind=kind, account=stack.account
    )


@dataclass(frozen=True, kw_only=True)
class Change:
    """Of one resource. properties: what the change of each does; empty for what is new or goes.
    others: changed attributes. before, after: the resource, None where it is not.
    """

    place: Place
    stack: str
    logical_id: str
    type: str
    how: How
    before: Resource | None
    after: Resource | None
    properties: Mapping[str, How] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @property
    def goes(self) -> bool:
        return self.after is None

    @property
    def is_new(self) -> bool:
        return self.before is None

    @cached_property
    def name(self) -> str:
        return name_of(self.logical_id, self.before or self.after or {})

    def old(self, path: str) -> Any:
        return at((self.before or {}).get("Properties") or {}, path)

    def new(self, path: str) -> Any:
        return at((self.after or {}).get("Properties") or {}, path)

    def differs(self, path: str) -> bool:
        """Whether the property that a path begins with is among the changed ones."""
        return path.split(".")[0] in self.properties and self.old(path) != self.new(path)


def name_of(logical_id: str, resource: Resource) -> str:
    """Its name where the template gives it one, else its logical id without the hash."""
    properties = resource.get("Properties") or {}
    for key in _NAMES:
        if isinstance(properties.get(key), str):
            return str(properties[key])
    described = properties.get("Name")
    return words(described) if described else _HASH.sub("", logical_id)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two assemblies. changes: of resources. reworded: stacks that only say the same otherwise.
    sections: changed parts of a template besides its resources, by stack. unless: what its templates leave
    open and is taken not to hold here; empty, where all holds. oddities: new parts that cannot be read.
    """

    before: Estate
    after: Estate
    changes: tuple[Change, ...]
    reworded: tuple[str, ...] = ()
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: str = ""
    oddities: tuple[Oddity, ...] = ()

    def of_types(self, *types: str) -> Iterator[Change]:
        return (change for change in self.changes if change.type in types)

    def places(self) -> dict[str, Place]:
        """By the name of the stack, those of either side."""
        return {
            name: place_of(stack) for estate in (self.before, self.after) for name, stack in estate.items()
        }

    @cached_property
    def moved(self) -> frozenset[tuple[str, str]]:
        """Stack and logical id of what goes or comes, and is there under another logical id as it was."""
        found = set()
        gone = {self._key(one): one for one in self.changes if one.goes}
        for one in self.changes:
            other = gone.get(self._key(one)) if one.is_new else None
            if other is not None:
                found |= {(one.stack, one.logical_id), (other.stack, other.logical_id)}
        return frozenset(found)

    def _key(self, change: Change) -> str:
        resource = change.after or change.before or {}
        return f"{change.stack} {change.type} {resource.get('Condition')} {resource.get('Properties')}"
