"""Templates in one form: what means the same is the same then, however it was written or ordered."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from review.changes.written_out import shortened
from review.reading.templates import Template, flat, unflat

_SETS = frozenset(
    [
        *(
            "Tags",
            "DependsOn",
            "AlarmActions",
            "OKActions",
            "InsufficientDataActions",
            "Dimensions",
            "Metrics",
        ),
        *("SubnetIds", "SecurityGroupIds", "Replicas", "AttributeDefinitions", "GlobalSecondaryIndexes"),
        *(
            "Statement",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "ManagedPolicyArns",
            "Roles",
            "Queues",
        ),
        *(
            "Topics",
            "AllowOrigins",
            "AllowMethods",
            "AllowHeaders",
            "ExposeHeaders",
            "AllowedOrigins",
            "Targets",
        ),
        *("AllowedMethods", "AllowedHeaders", "AWS", "Service", "Federated", "ReplicaRegions", "Rules"),
        *("CompatibleRuntimes", "CompatibleArchitectures", "MatchingEventTypes", "SuppressedReasons"),
        *("CorsRules", "FunctionResponseTypes", "sourceQueueArns"),
        *("SecurityGroups", "Subnets", "VPCSecurityGroups", "RouteTableIds"),
        *("SecurityGroupIngress", "SecurityGroupEgress", "EventTypes"),
    ]
)
"""members whose lists have no order, by the resource types' documentation"""
_JSON = frozenset(["DefinitionString", "DashboardBody", "Schema", "Input", "Format"])
_DOCUMENTS = frozenset(
    [
        *("PolicyDocument", "KeyPolicy", "ResourcePolicy", "AccessPolicy", "AssumeRolePolicyDocument"),
        *("RedrivePolicy", "RedriveAllowPolicy", "FilterPolicy", "EventPattern"),
    ]
)
"""members that may be text instead of what it says"""
_ALONE = frozenset(["Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "DependsOn"])
"""members that may be one text instead of a list of one"""

_PATTERNS = frozenset(["EventPattern", "FilterPolicy"])
"""members in which every list is of alternatives"""
_VARIABLE = re.compile(r"\$\{(?P<text>!)?(?P<name>[^}]*)\}")


def canonical(template: Template, account: str = "", region: str = "") -> Template:
    """The template with sets in order, texts in one piece, text that holds JSON without spaces, and without
    what is so by default. account, region: where it is deployed; empty, if that is not known.
    """
    found: Template = _canonical(shortened(template, account, region), "")
    return found


def sorted_sets(value: Any, member: str = "") -> Any:
    """A part of a template in the same form; member: by which its parent holds it."""
    return _canonical(value, member)


def _canonical(value: Any, member: str) -> Any:
    value = _without_sub(value)
    if member in _DOCUMENTS:
        value = _parsed(value)
    if member in _PATTERNS:
        return _pattern(value)
    if member == "ScheduleExpression" and isinstance(value, str):
        return " ".join(value.split())
    if member in _JSON and (again := _as_json(value)) is not None:
        return again
    match value:
        case {"Fn::Join": [str(separator), list(parts)]}:
            between = [piece for part in parts for piece in (separator, part)]
            return _joined(between[1:])
        case dict():
            return {key: _canonical(value[key], key) for key in sorted(value)}
        case list():
            inner = [_canonical(one, "") for one in value]
            if member in _SETS:
                # Twice the same in a set is once.
                inner = [one for _, one in sorted({_key(one): one for one in inner}.items())]
            return inner[0] if member in _ALONE and len(inner) == 1 else inner
        case _:
            return value


def _joined(parts: list[Any]) -> Any:
    inner = [_canonical(part, "") for part in parts]
    pieces: list[Any] = []
    for part in inner:
        for piece in (
            part["Fn::Join"][1]
            if isinstance(part, Mapping) and "Fn::Join" in part and part["Fn::Join"][0] == ""
            else [part]
        ):
            if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += piece
            elif piece != "":
                pieces.append(piece)
    return {"Fn::Join": ["", pieces]} if len(pieces) > 1 else (pieces[0] if pieces else "")


def _without_sub(value: Any) -> Any:
    """Fn::Sub as the Fn::Join that means the same."""
    match value:
        case {"Fn::Sub": str(text)}:
            return {"Fn::Join": ["", [*_parts(text, {})]]}
        case {"Fn::Sub": [str(text), dict(named)]}:
            return {"Fn::Join": ["", [*_parts(text, named)]]}
        case _:
            return value


def _parts(text: str, named: Mapping[str, Any]) -> Iterator[Any]:
    end = 0
    for found in _VARIABLE.finditer(text):
        yield text[end : found.start()]
        end, name = found.end(), found["name"]
        if found["text"]:
            yield f"${{{name}}}"
        elif name in named:
            yield named[name]
        else:
            yield {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}
    yield text[end:]


def _pattern(value: Any) -> Any:
    match _without_sub(value):
        case {"Fn::Join": _} as joined:
            return _canonical(joined, "")
        case dict() as some:
            return {key: _pattern(some[key]) for key in sorted(some)}
        case list() as some:
            return sorted(map(_pattern, some), key=_key)
        case other:
            return other


def _parsed(value: Any) -> Any:
    """What a text says, as a template would; anything else as it is."""
    content = _content(value)
    return value if content is None else _with_names(content)


def _with_names(value: Any) -> Any:
    match value:
        case str():
            return unflat(value)
        case dict():
            return {key: _with_names(member) for key, member in value.items()}
        case list():
            return [_with_names(member) for member in value]
        case _:
            return value


def _content(value: Any) -> Any:
    """Of text that holds JSON; None for what does not."""
    if isinstance(value, Mapping) and "Fn::Join" not in value:
        return None
    try:
        return json.loads(flat(value))
    except (AssertionError, json.JSONDecodeError, TypeError):
        return None


def _as_json(value: Any) -> Any:
    content = _content(value)
    if content is None:
        return None
    return unflat(json.dumps(_in_order(content), ensure_ascii=False, separators=(",", ":")))


def _in_order(value: Any) -> Any:
    match value:
        case dict():
            return {key: _in_order(value[key]) for key in sorted(value)}
        case list():
            return [_in_order(one) for one in value]
        case _:
            return value


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
