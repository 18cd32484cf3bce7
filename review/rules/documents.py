"""Policies of resources, as documents: where they stand in templates, as permissions, or by default."""

import json
from collections import defaultdict
from typing import Any

from review.changes.leaves import words
from review.ground.saying import listed
from review.reading.templates import Template, flat
from review.rules.roles import IDENTITIES

PERMISSIONS = {
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::Lambda::LayerVersionPermission": "LayerVersionArn",
}
"""by type: the property that names what a permission is of"""
DOCUMENTS = ("KeyPolicy", "ResourcePolicy", "PolicyDocument", "AccessPolicy")
_BUS = "AWS::Events::EventBusPolicy"
_OF = ("Bucket", "Queues", "Queue", "Topics", "TopicArn", "SecretId", "ResourceArn", "EventBusName")
"""properties by which a policy names what it is of"""
_VERSION = "2012-10-17"
_PERMITTED = (
    ("SourceAccount", "StringEquals", "aws:SourceAccount"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
    ("OrganizationId", "StringEquals", "aws:PrincipalOrgID"),
    ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    ("SourceArn", "ArnLike", "aws:SourceArn"),
)
"""properties of a permission, and the condition that Lambda makes of each"""


def documents(template: Template, account: str, region: str) -> dict[str, list[Any]]:
    """By the logical id of the resource that they are of, or by its name in words."""
    by_resource: defaultdict[str, list[Any]] = defaultdict(list)
    for logical_id, resource in template["Resources"].items():
        type_, properties = resource["Type"], resource.get("Properties") or {}
        if type_ in IDENTITIES:
            continue
        if type_ in PERMISSIONS:
            by_resource[_key(properties.get(PERMISSIONS[type_]))].append(_permission(properties))
        elif type_ == _BUS:
            bus = properties.get("EventBusName", "default")
            by_resource[_key(bus)].append(_of_bus(properties, bus, account, region))
        elif some := statements_in(properties):
            owners = [one for name in _OF for one in listed(properties.get(name))]
            for key in [_key(one) for one in owners] if is_policy(type_) and owners else [logical_id]:
                by_resource[key] += some
    return dict(by_resource)


def is_policy(type_: str) -> bool:
    """Whether a resource of the type is the policy of another one."""
    return type_.endswith("Policy")


def statements_in(value: Any) -> list[Any]:
    """Documents of policies, wherever they stand within."""
    if isinstance(value, dict):
        if "Statement" in value:
            return [value]
        some = {key: _read(member) if key in DOCUMENTS else member for key, member in value.items()}
        return [one for member in some.values() for one in statements_in(member)]
    if isinstance(value, list):
        return [one for member in value for one in statements_in(member)]
    return []


def says_something(type_: str, properties: Any) -> bool:
    """Whether a policy of its own is one that is compared."""
    return type_ in PERMISSIONS or type_ == _BUS or (is_policy(type_) and bool(statements_in(properties)))


def by_default(resource: Template, account: str) -> list[Any]:
    """The policy that a resource has without one of its own; empty for most.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html,
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    match resource.get("Type"):
        case "AWS::EC2::VPCEndpoint":
            return [_allowing("*", "*")]
        case "AWS::KMS::Key":
            return [_allowing({"AWS": f"arn:aws:iam::{account}:root"}, "kms:*")]
        case _:
            return []


def _allowing(
    principal: Any, action: Any, resource: Any = "*", condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {
        "Version": _VERSION,
        "Statement": [{**statement, **({"Condition": condition} if condition else {})}],
    }


def _permission(properties: Any) -> dict[str, Any]:
    """A permission of a function as the statement that Lambda makes of it."""
    principal = words(properties.get("Principal"), 500)
    named: Any = {"Service": principal} if principal.endswith(".amazonaws.com") else {"AWS": principal}
    condition: dict[str, Any] = {}
    for name, operator, key in _PERMITTED:
        if name in properties:
            condition.setdefault(operator, {})[key] = properties[name]
    action = properties.get("Action", "nothing")
    return _allowing("*" if principal == "*" else named, action, condition=condition)


def _of_bus(properties: Any, bus: Any, account: str, region: str) -> dict[str, Any]:
    """With a statement, or with an action, a principal and a condition of their own, as PutPermission has."""
    if "Statement" in properties:
        return {"Version": _VERSION, "Statement": _read(properties["Statement"])}
    principal, asked = properties.get("Principal"), properties.get("Condition") or {}
    condition = {str(asked.get("Type")): {str(asked.get("Key")): asked.get("Value")}} if asked else {}
    arn: Any = {"Fn::GetAtt": [bus["Ref"], "Arn"]} if isinstance(bus, dict) and "Ref" in bus else None
    return _allowing(
        "*" if principal == "*" else {"AWS": principal},
        properties.get("Action", "nothing"),
        arn or f"arn:aws:events:{region}:{account}:event-bus/{words(bus)}",
        condition,
    )


def _read(value: Any) -> Any:
    """A document that is written as text."""
    try:
        return json.loads(flat(value))
    except (AssertionError, ValueError):
        return value


def _key(value: Any) -> str:
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case _:
            return words(value)
