"""What stacks have left on a cloud, told so that two clouds can be compared; and where two differ."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.prove.witness.readings import READ_WITH_ANOTHER, READINGS, Clients

# Of a moment, or a random id; and what is about the answer.
_VOLATILE = re.compile(
    r"ResponseMetadata|\w*[dD]ate(Time)?|\w*Time(stamp)?|[lL]astModified\w*|CreatedOn|[rR]evisionId|versionId|"
    r"RoleId|TableId|RouteId|State(Value|Reason\w*)|Location|ETag|storedBytes|\w*[cC]reation(Date)?Time\w*"
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDENTITIES = ("RouteKey", "Sid", "Id", "ID", "Name", "EventDestinationName", "PayloadFormatVersion")


@dataclass(frozen=True)
class Resource:
    """`logical` is <stack>/<logical id>."""

    type: str
    logical: str
    physical: str


Facts = Mapping[tuple[str, str], Any]
"""By type and logical id."""


@dataclass(frozen=True)
class Difference:
    """Of one property of resources of one type; `where` are all of them, the values are of the first."""

    type: str
    property: str
    ours: Any
    theirs: Any
    where: tuple[str, ...]


def resources(clients: Clients, stacks: Iterable[str]) -> list[Resource]:
    """Raises: LookupError, if a stack has a resource of a type that nobody reads."""
    found = [
        Resource(each["ResourceType"], f"{stack}/{each['LogicalResourceId']}", each["PhysicalResourceId"])
        for stack in stacks
        for page in clients("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        for each in page["StackResourceSummaries"]
    ]
    known = {*READINGS, *READ_WITH_ANOTHER, "AWS::CDK::Metadata"}
    if unread := {resource.type for resource in found} - known:
        raise LookupError(f"nobody reads {', '.join(sorted(unread))}: say how, in readings.py")
    return found


def generated_names(own: list[Resource], other: list[Resource]) -> dict[str, str]:
    """What the cloud of `own` made up: ids, and their last parts, that the other cloud has otherwise."""
    elsewhere = {resource.logical: resource.physical for resource in other}
    # Resources that are read come last: their names are theirs, not their policies'.
    names = {}
    for resource in sorted(own, key=lambda resource: resource.type in READINGS):
        ours, theirs = resource.physical, elsewhere.get(resource.logical, "")
        for here, there in ((ours, theirs), (_last(ours), _last(theirs))):
            if here != there and len(here) > 6:
                names[here] = f"<{resource.logical}>"
    return names


def _last(physical: str) -> str:
    """The name in an address or ARN; of a layer's version, the layer's."""
    if ":layer:" in physical:
        physical = physical.rpartition(":")[0]
    return re.split(r"[/:|]", physical)[-1]


def look(clients: Clients, found: list[Resource], words: Mapping[str, str]) -> Facts:
    """What services say of each, with these words for texts of this cloud alone."""
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def told(value: Any) -> Any:
        if isinstance(value, Mapping):
            kept = {name: part for name, part in value.items() if not _VOLATILE.fullmatch(name)}
            return {said(name): _of_stack(name) or told(part) for name, part in kept.items()}
        if isinstance(value, list | tuple):
            return _tags(value) or sorted(map(told, value), key=_identity)
        return said(value) if isinstance(value, str) else value

    def said(text: str) -> Any:
        if text[:1] in ("{", "["):
            try:
                return told(json.loads(text))
            except ValueError:
                pass
        return _UUID.sub("<uuid>", pattern.sub(lambda match: words[match[0]], text))

    def read(resource: Resource) -> Any:
        try:
            return READINGS[resource.type](clients, resource.physical)
        except ClientError as problem:
            return {"error": problem.response["Error"]["Code"]}

    return {(each.type, each.logical): told(read(each)) for each in found if each.type in READINGS}


def _tags(parts: Iterable[Any]) -> dict[str, Any] | None:
    """A list of tags as a map; None for another list."""
    tags = {}
    for part in parts:
        words = (
            {name.lower().removeprefix("tag"): value for name, value in part.items()}
            if isinstance(part, Mapping)
            else {}
        )
        if set(words) != {"key", "value"}:
            return None
        tags[words["key"]] = _of_stack(words["key"]) or words["value"]
    return tags


def _of_stack(tag: str) -> str | None:
    """CloudFormation's own tags have ids in them that differ."""
    return "<of the stack>" if tag.startswith("aws:cloudformation:") else None


def _identity(part: Any) -> tuple[str, str]:
    names = [str(part[name]) for name in _IDENTITIES if name in part] if isinstance(part, Mapping) else []
    return " ".join(names[:1]), json.dumps(part, sort_keys=True)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _leaves(part, f"{path}[{number}]")
    elif value is not None:
        yield path, value


def differences(ours: Facts, theirs: Facts) -> list[Difference]:
    """Empty lists and maps, and what is null, count as not there."""
    found: dict[tuple[str, str], list[tuple[str, Any, Any]]] = defaultdict(list)
    for kind, logical in sorted(set(ours) | set(theirs)):
        left, right = dict(_leaves(ours.get((kind, logical)))), dict(_leaves(theirs.get((kind, logical))))
        if not left or not right:
            left, right = {"(all of it)": bool(left)}, {"(all of it)": bool(right)}
        for path in sorted(set(left) | set(right)):
            if left.get(path) != right.get(path):
                case = (logical, left.get(path), right.get(path))
                found[kind, re.sub(r"\[\d+\]", "[]", path)].append(case)
    return [
        Difference(kind, path, cases[0][1], cases[0][2], tuple(sorted({case[0] for case in cases})))
        for (kind, path), cases in sorted(found.items())
    ]
