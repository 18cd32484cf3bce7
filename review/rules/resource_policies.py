"""What resources let in by their own policies: buckets, queues, topics, keys, secrets, tables, functions."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from review.access.verdicts import Verdict, judged
from review.changes.leaves import words
from review.changes.model import Change, Comparison, Place, place_of
from review.reading.templates import Template, flat
from review.rules.findings import EVERYTHING, Finding
from review.rules.roles import IDENTITIES
from review.rules.saying import found, is_strange, listed, several, template_of

_HASH = re.compile(r"[0-9A-F]{8}$")
_PERMISSIONS = {
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::Lambda::LayerVersionPermission": "LayerVersionArn",
}
"""by type: the property that names what a permission is of"""
_DOCUMENTS = ("KeyPolicy", "ResourcePolicy", "PolicyDocument", "AccessPolicy")
_OF = ("Bucket", "Queues", "Topics", "SecretId", "ResourceArn", "EventBusName")
"""properties by which a policy names what it is of"""


def resource_policies(comparison: Comparison) -> Iterator[Finding]:
    for name in sorted({change.stack for change in comparison.changes if change.type not in IDENTITIES}):
        old, new = (_documents(template_of(estate, name)) for estate in (comparison.before, comparison.after))
        resources = [
            template_of(estate, name)["Resources"] for estate in (comparison.before, comparison.after)
        ]
        place = place_of(comparison.after.get(name) or comparison.before[name])
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                there = [key in one or key not in {**resources[0], **resources[1]} for one in resources]
                yield from _judge(place, key, old.get(key, []), new.get(key, []), there)


def _judge(
    place: Place, subject: str, before: list[Any], after: list[Any], there: list[bool]
) -> Iterator[Finding]:
    """there: whether the resource is there before, and afterwards."""
    if not there[1]:
        return
    result = judged(before, after, place.account, place.region)

    def say(rule: str, text: str) -> Finding:
        name = _HASH.sub("", subject)
        return Finding(rule=f"REVIEW-{rule}", place=place, subject=name, text=text, logical_id=subject)

    more = result.more if there[0] else [text for text in result.more if is_strange(text, place.account)]
    if result.wider and more:
        unproved = "" if result.proof else " (not proved: counted as wider)"
        yield say("ACCESS-006", f"lets in {several(more)}{unproved}")
    if result.denials and there[0]:
        yield say("ACCESS-009", f"no longer denies {several(result.denials)}")
    if result.verdict is Verdict.EQUAL:
        yield say("REST-002", "its policy, written otherwise")
    if result.less and there[0]:
        yield say("ACCESS-018", f"no longer lets in {several(result.less)}")


def policies_seen(change: Change) -> Iterator[Finding]:
    """That what these say has been compared: the result is said by resource."""
    if change.type in IDENTITIES:
        return
    if change.type in _PERMISSIONS or (
        change.type.endswith("Policy") and _statements(change.after or change.before)
    ):
        yield found("REST-003", change, "", EVERYTHING)
        return
    for name in change.properties:
        if name in _DOCUMENTS and any(_statements({name: get(name)}) for get in (change.old, change.new)):
            yield found("REST-003", change, "", name)


def _documents(template: Template) -> dict[str, list[Any]]:
    """By the logical id of the resource that they are of, or by its name in words."""
    by_resource: defaultdict[str, list[Any]] = defaultdict(list)
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] in IDENTITIES:
            continue
        properties = resource.get("Properties") or {}
        if resource["Type"] in _PERMISSIONS:
            of = properties.get(_PERMISSIONS[resource["Type"]])
            by_resource[_key(of)].append(_permission(properties))
            continue
        documents = list(_statements(properties))
        if documents:
            owners = [one for name in _OF for one in listed(properties.get(name))]
            keys = (
                [_key(one) for one in owners]
                if resource["Type"].endswith("Policy") and owners
                else [logical_id]
            )
            for key in keys:
                by_resource[key] += documents
    return dict(by_resource)


def _statements(value: Any) -> list[Any]:
    """Documents of policies, wherever they stand within."""
    if isinstance(value, dict):
        if "Statement" in value:
            return [value]
        some = {key: _read(member) if key in _DOCUMENTS else member for key, member in value.items()}
        return [one for member in some.values() for one in _statements(member)]
    if isinstance(value, list):
        return [one for member in value for one in _statements(member)]
    return []


def _read(value: Any) -> Any:
    """A document that is written as text."""
    try:
        return json.loads(flat(value))
    except (AssertionError, ValueError):
        return value


def _permission(properties: Any) -> dict[str, Any]:
    """A permission of a function as the statement that Lambda makes of it."""
    principal = words(properties.get("Principal"), 500)
    named: Any = {"Service": principal} if principal.endswith(".amazonaws.com") else {"AWS": principal}
    condition: dict[str, Any] = {}
    if "SourceArn" in properties:
        condition["ArnLike"] = {"aws:SourceArn": properties["SourceArn"]}
    equals = {
        key: properties[name]
        for name, key in (
            ("SourceAccount", "aws:SourceAccount"),
            ("PrincipalOrgID", "aws:PrincipalOrgID"),
            ("OrganizationId", "aws:PrincipalOrgID"),
            ("EventSourceToken", "lambda:EventSourceToken"),
            ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        )
        if name in properties
    }
    if equals:
        condition["StringEquals"] = equals
    statement = {
        "Effect": "Allow",
        "Action": properties.get("Action", "nothing"),
        "Principal": "*" if principal == "*" else named,
        "Resource": "*",
    }
    return {
        "Version": "2012-10-17",
        "Statement": [{**statement, **({"Condition": condition} if condition else {})}],
    }


def _key(value: Any) -> str:
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case _:
            return words(value)
