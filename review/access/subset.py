"""Whether statements allow nothing that others do not: certain if it says so, and not complete.

Each allowing statement has to lie within one that allowed before, with its actions, resources, principals
and conditions; each denial of before has to lie within one of afterwards.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from review.access.conditions import all_implied
from review.access.patterns import disjoint, includes
from rights.principals import Principals
from rights.statements import Effect, Patterns, Statement

Statements = tuple[Statement, ...]

_ROOT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One action pattern on one resource pattern for one principal, as far as they can be taken apart."""

    statement: Statement
    actions: Patterns
    resources: Patterns
    principals: Principals | None


def within(narrow: Statements, wide: Statements) -> bool:
    """Whether `narrow` allows nothing that `wide` does not allow. False also where it is not certain."""
    return not uncovered(narrow, wide) and not lost_denials(narrow, wide)


def uncovered(narrow: Statements, wide: Statements) -> list[Part]:
    """What `narrow` allows and no single statement of `wide` does."""
    return _uncovered(narrow, wide, Effect.ALLOW)


def lost_denials(narrow: Statements, wide: Statements) -> list[Part]:
    """What `wide` denies and no single statement of `narrow` does."""
    return _uncovered(wide, narrow, Effect.DENY)


def narrowed(part: Part, by: Statements) -> bool:
    """Whether some of what a part allows is allowed by `by` still, in a statement that lies within it."""
    wide = replace(part.statement, actions=part.actions, resources=part.resources, principals=part.principals)
    return any(
        _covers(wide, one)
        for statement in by
        if statement.effect is part.statement.effect
        for one in _parts(statement)
    )


def _uncovered(parts: Statements, by: Statements, effect: Effect) -> list[Part]:
    covering = [one for one in by if one.effect is effect]
    return [
        part
        for statement in parts
        if statement.effect is effect
        for part in _parts(statement)
        if not any(_covers(one, part) for one in covering)
    ]


def _parts(statement: Statement) -> list[Part]:
    return [
        Part(statement=statement, actions=actions, resources=resources, principals=principals)
        for principals in _each(statement.principals)
        for actions in _singly(statement.actions)
        for resources in _singly(statement.resources)
    ]


def _each(named: Principals | None) -> list[Principals | None]:
    if named is None or named.everyone:
        return [named]
    return [
        *(Principals(aws=(one,)) for one in named.aws),
        *(Principals(services=(one,)) for one in named.services),
    ]


def _singly(patterns: Patterns) -> list[Patterns]:
    """Each text by itself; those of NotAction and NotResource only mean something together."""
    return [patterns] if patterns.but else [Patterns(texts=(text,)) for text in patterns.texts]


def _covers(wide: Statement, part: Part) -> bool:
    return (
        _patterns_within(part.actions, wide.actions, any_case=True)
        and _patterns_within(part.resources, wide.resources)
        and _principals_within(part.principals, wide.principals)
        and all_implied(wide.conditions, part.statement.conditions)
    )


def _patterns_within(narrow: Patterns, wide: Patterns, *, any_case: bool = False) -> bool:
    def within_one(text: str) -> bool:
        return any(includes(one, text, any_case=any_case) for one in wide.texts)

    if narrow.but and wide.but:
        # All but A lies within all but B, if B lies within A.
        return all(any(includes(one, text, any_case=any_case) for one in narrow.texts) for text in wide.texts)
    if narrow.but:
        return within_one("*")
    if wide.but:
        return all(
            disjoint(text, excluded, any_case=any_case) for text in narrow.texts for excluded in wide.texts
        )
    return all(within_one(text) for text in narrow.texts)


def _principals_within(narrow: Principals | None, wide: Principals | None) -> bool:
    if narrow is None or wide is None:
        return narrow is wide
    if wide.everyone or "*" in wide.aws:
        return True
    if narrow.everyone:
        return False
    return _accounts(narrow.aws) <= _accounts(wide.aws) and set(narrow.services) <= set(wide.services)


def _accounts(named: Iterable[str]) -> set[str]:
    """An account's number and the ARN of its root mean the same."""
    return {_ROOT.sub(r"\1", one) for one in named}
