"""What a resource type is to the engine: a row of calls."""

import re
import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.cloudformation.resources.shapes import to_input
from local_cloud.cloudformation.templates.errors import ResourceFailed
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

_ABSENT = re.compile(
    r"NotFound|NoSuch|DoesNotExist|NonExistent|ResourceNotFoundException|UnknownResourceFault|NoSuchEntity"
)


@dataclass(frozen=True)
class Physical:
    """A resource that exists: `id` is what Ref answers, `attributes` what GetAtt does.

    `memory` is for the type itself, kept from one call to the next.
    """

    id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One resource's turn. `began` tells the engine what to delete should the rest of the creation fail."""

    settings: Settings
    account: str
    region: str
    stack_id: str
    stack_name: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    began: Callable[[Physical], None]
    old_properties: Mapping[str, Any] = field(default_factory=dict)

    def client(self, service: str, region: str | None = None) -> Any:
        return client(self.settings, service, region or self.region)

    def call(self, service: str, method: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """A boto3 call whose arguments may be written as CloudFormation writes them."""
        client = self.client(service)
        return getattr(client, method)(**to_input(client, method, {**(arguments or {}), **more}))

    def call_unless_absent(self, service: str, method: str, **arguments: Any) -> Any:
        """A call that deletes, or looks up for deletion: None if there is nothing any more."""
        try:
            return self.call(service, method, **arguments)
        except ClientError as problem:
            if _ABSENT.search(problem.response["Error"]["Code"]):
                return None
            raise

    def some(self, *names: str) -> dict[str, Any]:
        """The named properties, as far as the template gives them."""
        return {name: self.properties[name] for name in names if name in self.properties}

    def changed(self, *names: str) -> bool:
        return any(self.properties.get(name) != self.old_properties.get(name) for name in names)

    def name(self, given: str | None, *, limit: int = 64, lower: bool = False, suffix: str = "") -> str:
        """The physical name: as the template says, else stack, logical id and twelve random characters."""
        if given:
            return given
        random = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(12))
        room = limit - len(random) - len(suffix) - 2
        stack = self.stack_name[: max(room - len(self.logical_id), room // 2)]
        name = f"{stack}-{self.logical_id[: room - len(stack)]}-{random}{suffix}"
        return name.lower() if lower else name

    def arn(
        self, service: str, resource: str, *, region: str | None = None, account: str | None = None
    ) -> str:
        region = self.region if region is None else region
        account = self.account if account is None else account
        return f"arn:aws:{service}:{region}:{account}:{resource}"

    def wait(self, ready: Callable[[], bool], what: str, *, seconds: float = 600.0) -> None:
        """Asks until it is ready. Raises: ResourceFailed, if that takes longer than so many seconds."""
        deadline = time.monotonic() + seconds
        pause = 0.02
        while not ready():
            if time.monotonic() > deadline:
                raise ResourceFailed(f"{what} did not happen within {seconds:.0f} seconds")
            time.sleep(pause)
            pause = min(pause * 1.5, 1.0)


Create = Callable[[Request], Physical]
Update = Callable[[Request, Physical], Physical]
Delete = Callable[[Request, Physical], None]
# What exists, by the names and values of the type's identifier; an error of the service's if nothing does.
Adopt = Callable[[Request, Mapping[str, str]], Physical]


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """A row of the registry.

    `properties` take effect, `replacing` too, but need a new resource when they change; `without_effect` are
    those which a real account would act upon and this cloud cannot. Any other property fails by name. Without
    `update` every change replaces. With `adopt`, resources that exist can be imported by the properties of
    `identifier`. `names_its_stack`: CloudFormation adds tags of its own to those that it takes
    (cloudFormationSystemTags in the schema of the type's provider).
    """

    name: str
    create: Create
    delete: Delete
    update: Update | None = None
    properties: frozenset[str]
    replacing: frozenset[str] = frozenset()
    without_effect: frozenset[str] = frozenset()
    any_property: bool = False
    adopt: Adopt | None = None
    identifier: tuple[str, ...] = ()
    names_its_stack: bool = True

    def replaces(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        if self.update is None:
            return True
        return any(old.get(name) != new.get(name) for name in self.replacing)

    def check(self, properties: Mapping[str, Any]) -> None:
        """Before anything is made. Raises: ResourceFailed, for properties that the local cloud lacks."""
        unknown = sorted(properties.keys() - self.properties - self.replacing - self.without_effect)
        if unknown and not self.any_property:
            raise ResourceFailed(f"the local cloud does not implement {', '.join(unknown)} of {self.name}")


def names(text: str) -> frozenset[str]:
    """Property names from one line of text."""
    return frozenset(text.split())


def tag_changes(old: Any, new: Any) -> tuple[dict[str, str], list[str]]:
    """(tags to set, keys to remove) between two Tags properties, lists or maps."""
    before, after = tag_map(old), tag_map(new)
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    return changed, sorted(before.keys() - after.keys())


def tag_map(tags: Any) -> dict[str, str]:
    if isinstance(tags, Mapping):
        return {key: str(value) for key, value in tags.items()}
    return {tag["Key"]: str(tag["Value"]) for tag in tags or []}
