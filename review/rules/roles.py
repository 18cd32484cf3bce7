"""Rights: of roles by all their policies together, of resources by their own, and who may take on a role."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from review.access.verdicts import Judged, Verdict, judged
from review.changes.leaves import values_by_path, words
from review.changes.model import Change, Comparison, Place, name_of, place_of
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, is_strange, leaves, listed, several, template_of
from review.reading.machines import STATE_MACHINE
from review.reading.templates import Template

IDENTITIES = frozenset(
    [
        *("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"),
        *("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy"),
    ]
)
_ROLE, _KEY = "AWS::IAM::Role", "AWS::IAM::AccessKey"
_NAMED = re.compile(r"<(\w+)[.>]")
_DEFINITION, _WHOLE = "DefinitionString", 1_000_000
_COMPARED = ("PolicyDocument", "Policies", "Roles", "PolicyName", "AssumeRolePolicyDocument")


def rights(comparison: Comparison) -> Iterator[Finding]:
    """Of all roles of stacks that change."""
    for name in _stacks(comparison):
        old, new = template_of(comparison.before, name), template_of(comparison.after, name)
        place = place_of(comparison.after.get(name) or comparison.before[name])
        before, after = _documents(old), _documents(new)
        left = {one.name for one in comparison.changes if one.goes}
        for role in sorted({*before, *after}):
            if before.get(role) != after.get(role):
                yield from _of_role(place, role, before.get(role, []), after.get(role, []), old, new, left)


def _of_role(
    place: Place,
    role: str,
    before: list[Any],
    after: list[Any],
    old: Template,
    new: Template,
    left: Collection[str],
) -> Iterator[Finding]:
    """left: names of what goes, in whichever stack."""
    result = judged(before, after, place.account, place.region)
    subject = _subject(role, old, new)

    def say(rule: str, text: str, details: str = "") -> Finding:
        return Finding(
            rule=f"REVIEW-{rule}",
            place=place,
            subject=subject,
            text=text,
            type=_ROLE,
            logical_id=role,
            details=details,
        )

    is_new = role in new["Resources"] and role not in old["Resources"]
    if result.wider and result.more:
        rule = _wider(result, is_new)
        text = f"may {several(result.more)}" + _proof(result, is_new)
        text += f"; no longer {several(result.less)}" if result.less else ""
        yield say(rule, text, _list(result))
    elif result.verdict is Verdict.NARROWER and not (
        role in old["Resources"] and role not in new["Resources"]
    ):
        refused = (
            [*_refused(result, role, old, new, left)] if _serves(old, role) and _serves(new, role) else []
        )
        if refused:
            users = ", ".join(name_of(key, one) for key, one in users_of(role, new).items())
            yield say("ACCESS-021", f"refuses {users} from now on {several(refused)}")
        if fewer := [text for text in result.less if text not in refused]:
            yield say("ACCESS-003", f"may no longer {several(fewer)}")
    if result.denials:
        yield say("ACCESS-009", f"is no longer denied {several(result.denials)}")


def users_of(role: str, template: Template) -> dict[str, Any]:
    """Resources that act as a role, by logical id."""
    return {
        key: one
        for key, one in template["Resources"].items()
        if one["Type"] not in IDENTITIES
        and any(
            "Role" in path.rpartition(".")[2] and re.search(rf"<{role}[.>]", words(value, 1_000))
            for path, value in values_by_path(one.get("Properties") or {})
        )
    }


def _serves(template: Template, role: str) -> bool:
    """Whether a service takes it on."""
    resource = template["Resources"].get(role, {})
    return "Service" in json.dumps((resource.get("Properties") or {}).get("AssumeRolePolicyDocument"))


def _refused(result: Judged, role: str, old: Template, new: Template, left: Collection[str]) -> Iterator[str]:
    """What users that stay are refused, of what stays."""
    was, users = users_of(role, old), users_of(role, new)
    gone = old["Resources"].keys() - new["Resources"].keys()
    for text in result.refused:
        action, _, on = text.partition(" on ")
        away = bool({*_NAMED.findall(on)} & gone) or any(
            re.search(rf"\b{re.escape(one)}\b", on) for one in left
        )
        if not away and any(key in was and _needs(action, was[key], one) for key, one in users.items()):
            yield text


def _needs(action: str, before: Any, after: Any) -> bool:
    """Of a workflow that changes, whether it still calls that; of whatever else could, it is taken so."""
    old, new = (words((one.get("Properties") or {}).get(_DEFINITION), _WHOLE) for one in (before, after))
    if after["Type"] != STATE_MACHINE or old == new:
        return True
    calls = re.findall(r":states:::(?:aws-sdk:)?(\w+:\w+)", new)
    return any(action.lower().startswith(call.lower()) for call in calls)


def _wider(result: Judged, is_new: bool) -> str:
    if result.everything:
        return "ACCESS-004"
    if is_new:
        return "ACCESS-014"
    return "ACCESS-001" if result.verdict is Verdict.WIDER else "ACCESS-002"


def _proof(result: Judged, is_new: bool) -> str:
    call = result.proof
    if is_new:
        return ""
    if call is None:
        return " (no call was found that proves it: counted as wider)"
    return f" ({call.action} on {words(call.resource, 90)} is allowed, and was not)"


def trust(change: Change) -> Iterator[Finding]:
    """Who may take on a role; what is attached to it besides its policies."""
    if change.type not in IDENTITIES or change.goes:
        return
    name = "AssumeRolePolicyDocument"
    before, after = ([one] if one else [] for one in (change.old(name), change.new(name)))
    result = judged(before, after, change.place.account, change.place.region)
    strangers = [text for text in result.more if is_strange(text, change.place.account)]
    if result.wider and (not change.is_new or strangers):
        yield found("ACCESS-005", change, f"may be taken on by {several(result.more)}", name)
    elif result.denials:
        yield found("ACCESS-009", change, f"is no longer denied to {several(result.denials)}", name)
    elif result.verdict is Verdict.NARROWER:
        yield found("ACCESS-020", change, f"can no longer be taken on by {several(result.less)}", name)
    old, new = ({words(one) for one in get("ManagedPolicyArns") or ()} for get in (change.old, change.new))
    if new - old:
        yield found("ACCESS-016", change, f"gets {several(sorted(new - old))}", "ManagedPolicyArns")
    if old - new:
        stops = all(_serves({"Resources": {"it": one}}, "it") for one in (change.before, change.after) if one)
        rule = "ACCESS-021" if stops and not new - old else "ACCESS-003"
        yield found(rule, change, f"loses {several(sorted(old - new))}", "ManagedPolicyArns")
    if change.differs("PermissionsBoundary"):
        yield found("ACCESS-016", change, leaves(change, "PermissionsBoundary"), "PermissionsBoundary")
    if change.differs("MaxSessionDuration"):
        yield found("REST-001", change, leaves(change, "MaxSessionDuration"), "MaxSessionDuration")


def identities(change: Change) -> Iterator[Finding]:
    """That all of these have been looked at: what they allow is said by role."""
    if change.type in IDENTITIES:
        whole = change.is_new or change.goes
        kind = change.type.rpartition("::")[2]
        if change.goes and not kind.endswith("Policy"):
            yield found("ACCESS-003", change, f"the {kind.lower()} is {change.how.value}", EVERYTHING)
        elif change.is_new and kind == "User":
            yield found("ACCESS-014", change, "a new user", EVERYTHING)
        yield found("REST-003", change, "", *([EVERYTHING] if whole else _COMPARED))
    elif change.type == _KEY and change.is_new:
        yield found("ACCESS-014", change, "a new key, which does not expire", EVERYTHING)


def _stacks(comparison: Comparison) -> list[str]:
    return sorted({change.stack for change in comparison.changes if change.type in IDENTITIES})


def _documents(template: Template) -> dict[str, list[Any]]:
    """Policies by the role's logical id, or its name where another stack has it."""
    found_documents: defaultdict[str, list[Any]] = defaultdict(list)
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] not in IDENTITIES:
            continue
        properties = resource.get("Properties", {})
        for policy in properties.get("Policies") or ():
            found_documents[logical_id].append(policy.get("PolicyDocument", {}))
        if "PolicyDocument" in properties:
            named = [
                one
                for name in ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")
                for one in listed(properties.get(name))
            ]
            for one in named or [logical_id]:
                key = one["Ref"] if isinstance(one, dict) and "Ref" in one else words(one)
                found_documents[key].append(properties["PolicyDocument"])
    return dict(found_documents)


def _subject(role: str, old: Template, new: Template) -> str:
    resource = new["Resources"].get(role) or old["Resources"].get(role)
    return name_of(role, resource) if resource else role


def _list(result: Judged) -> str:
    lines = [f"+ {text}" for text in result.more] + [f"- {text}" for text in result.less]
    return "\n".join(lines) if len(lines) > 3 else ""
