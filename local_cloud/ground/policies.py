"""The evaluation of a resource policy for callers of its own account."""

from collections.abc import Callable, Mapping
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

Context = Mapping[str, str | None]


class Effect(Enum):
    ALLOW = "Allow"
    DENY = "Deny"


class UnknownCondition(ValueError):
    """A condition that decides here and cannot be evaluated."""


def decide(
    policy: Mapping[str, Any], action: str, resource: str, account: str, context: Context
) -> Effect | None:
    """A denial wins; None if no statement applies.

    Callers are not told apart: principals match if they mean everyone or the account.
    """
    statements = policy["Statement"]
    effects = {
        Effect(statement["Effect"])
        for statement in (statements if isinstance(statements, list) else [statements])
        if _concerns(statement, action, resource, account) and _holds(statement.get("Condition", {}), context)
    }
    return Effect.DENY if Effect.DENY in effects else Effect.ALLOW if effects else None


def _concerns(statement: Mapping[str, Any], action: str, resource: str, account: str) -> bool:
    if "NotPrincipal" in statement:
        raise UnknownCondition("NotPrincipal")
    if not _principal_matches(statement.get("Principal", "*"), account):
        return False
    if "NotAction" in statement:
        concerned = not _any_matches(statement["NotAction"], action.lower(), str.lower)
    else:
        concerned = _any_matches(statement["Action"], action.lower(), str.lower)
    if "NotResource" in statement:
        return concerned and not _any_matches(statement["NotResource"], resource)
    return concerned and _any_matches(statement.get("Resource", "*"), resource)


def _principal_matches(principal: Any, account: str) -> bool:
    if principal == "*":
        return True
    accounts = _listed(principal.get("AWS", []))
    return any(each in ("*", account, f"arn:aws:iam::{account}:root") for each in accounts)


def _any_matches(patterns: Any, value: str, convert: Callable[[str], str] = str) -> bool:
    return any(_like(value, convert(pattern)) for pattern in _listed(patterns))


def _like(value: str, pattern: str) -> bool:
    """IAM's wildcards are * and ?; brackets mean themselves."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


def _holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    known = {key.lower(): value for key, value in context.items()}
    for operator, expectations in conditions.items():
        for key, expected in expectations.items():
            if key.lower() not in known:
                raise UnknownCondition(f"condition key {key}")
            if not _condition_holds(
                operator, known[key.lower()], [_text(item) for item in _listed(expected)]
            ):
                return False
    return True


def _condition_holds(operator: str, actual: str | None, expected: list[str]) -> bool:
    if operator == "Null":
        return expected[0] == ("true" if actual is None else "false")
    plain = operator.removesuffix("IfExists")
    compare = _OPERATORS.get(plain.replace("Not", "", 1) if "Not" in plain else plain)
    if compare is None:
        raise UnknownCondition(f"condition operator {operator}")
    if actual is None:
        return plain != operator or "Not" in plain
    matched = any(compare(actual, each) for each in expected)
    return not matched if "Not" in plain else matched


def _numeric(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda actual, expected: compare(float(actual), float(expected))


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "Bool": lambda actual, expected: actual.lower() == expected.lower(),
    "StringEquals": lambda actual, expected: actual == expected,
    "StringEqualsIgnoreCase": lambda actual, expected: actual.lower() == expected.lower(),
    "StringLike": _like,
    "ArnEquals": _like,
    "ArnLike": _like,
    "NumericEquals": _numeric(lambda actual, expected: actual == expected),
    "NumericLessThan": _numeric(lambda actual, expected: actual < expected),
    "NumericLessThanEquals": _numeric(lambda actual, expected: actual <= expected),
    "NumericGreaterThan": _numeric(lambda actual, expected: actual > expected),
    "NumericGreaterThanEquals": _numeric(lambda actual, expected: actual >= expected),
}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def decide_for_service(statement: Mapping[str, Any], service: str, action: str, context: Context) -> bool:
    """Whether a statement of a resource's policy allows a service to do the action to the resource."""
    principal = statement.get("Principal", {})
    services = _listed(principal.get("Service", [])) if isinstance(principal, Mapping) else [principal]
    return (
        statement["Effect"] == "Allow"
        and any(each in ("*", service) for each in services)
        and _any_matches(statement["Action"], action.lower(), str.lower)
        and _holds(statement.get("Condition", {}), context)
    )
