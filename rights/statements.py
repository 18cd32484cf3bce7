"""Statements of policies as values, each with an id by which it can be found again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import Any

from rights import principals
from rights.conditions import Condition
from rights.errors import BadPolicy
from rights.patterns import Context, matches
from rights.principals import Principals

_KNOWN = {
    *("Sid", "Effect", "Principal", "NotPrincipal"),
    *("Action", "NotAction", "Resource", "NotResource", "Condition"),
}


class Effect(Enum):
    ALLOW = "Allow"
    DENY = "Deny"


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """Texts with wildcards; `but`: what none of them matches, as with NotAction and NotResource."""

    texts: tuple[str, ...]
    but: bool = False

    def match(self, text: str, context: Context, *, any_case: bool = False) -> bool:
        found = any(matches(pattern, text, context, any_case=any_case) for pattern in self.texts)
        return found is not self.but


@dataclass(frozen=True, kw_only=True)
class Statement:
    """`policy` and `name`, its Sid or place in the policy, are its id."""

    policy: str
    name: str
    effect: Effect
    actions: Patterns
    resources: Patterns
    principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.policy}#{self.name}"

    def concerns(self, action: str, resource: str, context: Context) -> bool:
        """Whoever asks. Raises: UnknownCondition, if that depends on a condition that is not known."""
        return (
            self.actions.match(action, context, any_case=True)
            and self.resources.match(resource, context)
            and all(condition.holds(context) for condition in self.conditions)
        )


def statements_of(document: Any, policy: str) -> tuple[Statement, ...]:
    """Of a policy's document, as text or parsed. `policy`: by what the statements are found again.

    Raises: BadPolicy, if it is none; Undecidable, if it means principals that cannot be told.
    """
    text = document if isinstance(document, str) else json.dumps(document)
    return _parsed(text, policy)


@lru_cache(maxsize=4096)
def _parsed(text: str, policy: str) -> tuple[Statement, ...]:
    try:
        document = json.loads(text)
    except ValueError as problem:
        raise BadPolicy(f"{policy} is not JSON: {problem}") from None
    if not isinstance(document, Mapping) or "Statement" not in document:
        raise BadPolicy(f"{policy} has no Statement")
    named: dict[str, int] = {}
    found = []
    for statement in _statements(document["Statement"], policy, document.get("Version")):
        count = named[statement.name] = named.get(statement.name, 0) + 1
        found.append(statement if count == 1 else replace(statement, name=f"{statement.name}.{count}"))
    return tuple(found)


def _statements(listed: Any, policy: str, version: Any) -> Iterator[Statement]:
    for place, document in enumerate(listed if isinstance(listed, list) else [listed]):
        if not isinstance(document, Mapping):
            raise BadPolicy(f"{policy}: statement {place} is no object")
        name = str(document.get("Sid") or place)
        where = f"{policy}#{name}"
        unknown = document.keys() - _KNOWN
        if unknown or document.get("Effect") not in ("Allow", "Deny"):
            what = f"has {', '.join(sorted(unknown))}" if unknown else "has no Effect of Allow or Deny"
            raise BadPolicy(f"{where} {what}")
        yield Statement(
            policy=policy,
            name=name,
            effect=Effect(document["Effect"]),
            actions=_patterns(document, "Action", where, version=None),
            resources=_patterns(document, "Resource", where, version=version),
            principals=principals.parsed(document, where),
            conditions=tuple(_conditions(document.get("Condition") or {}, where, version)),
        )


def _patterns(document: Mapping[str, Any], member: str, where: str, *, version: Any) -> Patterns:
    both = [name for name in (member, f"Not{member}") if name in document]
    if len(both) > 1 or (not both and member == "Action"):
        raise BadPolicy(f"{where} needs one of {member} and Not{member}")
    if not both:
        # Trust policies name no resource: it is the role.
        return Patterns(texts=("*",))
    texts = tuple(_plain(text, version) for text in _texts(document[both[0]], where))
    return Patterns(texts=texts, but=both[0] != member)


def _conditions(document: Any, where: str, version: Any) -> Iterator[Condition]:
    if not isinstance(document, Mapping) or not all(isinstance(keys, Mapping) for keys in document.values()):
        raise BadPolicy(f"{where}: Condition is no map of operators to keys")
    for operator, keys in document.items():
        for key, values in keys.items():
            texts = tuple(_plain(text, version) for text in _texts(values, where))
            yield Condition(operator=operator, key=key, values=texts)


def _plain(text: str, version: Any) -> str:
    """Variables are of the newer version of the language only."""
    return text if version == "2012-10-17" or "${" not in text else text.replace("${", "${$}{")


def _texts(value: Any, where: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or any(isinstance(each, list | dict) or each is None for each in values):
        raise BadPolicy(f"{where} has {value!r} where texts are needed")
    return tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in values)
