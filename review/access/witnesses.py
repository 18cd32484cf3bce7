"""Calls that tell two policies apart, judged by the evaluator of the local cloud's rights."""

import itertools
from collections.abc import Iterator

from review.access.subset import Statements, lost_denials, uncovered
from rights.conditions import Condition
from rights.errors import Undecidable
from rights.evaluation import Call, Policies, evaluate
from rights.patterns import Value
from rights.principals import Principal, Principals, service
from rights.statements import Patterns, Statement

_FILLINGS = ("*", "", "other", "other/thing")
"""what a wildcard stands for: at first a name that shows that there is one"""
STRANGER = "999999999999"


def witness(narrow: Statements, wide: Statements, account: str) -> Call | None:
    """A call that `narrow` allows and `wide` does not; None, if none was found, which proves nothing."""
    for call in _candidates(narrow, wide, account):
        try:
            if _allowed(call, narrow) and not _allowed(call, wide):
                return call
        except Undecidable:
            continue
    return None


def _allowed(call: Call, statements: Statements) -> bool:
    of_identity = all(one.principals is None for one in statements)
    policies = Policies(identity=statements) if of_identity else Policies(resource=statements)
    return evaluate(call, policies).allowed


def _candidates(narrow: Statements, wide: Statements, account: str) -> Iterator[Call]:
    keys = {condition.key for one in (*narrow, *wide) for condition in one.conditions}
    # What was denied before is allowed by whatever allows it.
    for part in (*uncovered(narrow, wide), *lost_denials(narrow, wide)):
        asked = itertools.product(
            _examples(part.actions),
            _examples(part.resources),
            _principals(part.principals, account),
            _contexts(part.statement, keys),
        )
        for action, resource, principal, context in asked:
            yield Call(principal=principal, action=action, resource=resource, context=context)


def _examples(patterns: Patterns) -> Iterator[str]:
    if patterns.but:
        yield from ("other:Thing", "other")
        return
    for text in patterns.texts:
        yield from dict.fromkeys(text.replace("*", filling).replace("?", "x") for filling in _FILLINGS)


def _principals(named: Principals | None, account: str) -> Iterator[Principal]:
    if named is None:
        yield Principal(arn=f"arn:aws:sts::{account}:assumed-role/role/session", account=account)
        return
    if named.everyone or "*" in named.aws:
        yield Principal(arn=f"arn:aws:iam::{STRANGER}:user/stranger", account=STRANGER)
    for name in named.services:
        yield service(name, account)
    for arn in named.aws:
        if arn != "*":
            parts = arn.split(":")
            whose = parts[4] if len(parts) > 5 else arn if arn.isdigit() else account
            yield Principal(arn=arn, account=whose)


def _contexts(statement: Statement, keys: set[str]) -> Iterator[dict[str, Value]]:
    """Requests that have what the statement asks for, and of other keys nothing."""
    absent: dict[str, Value] = dict.fromkeys(keys)
    count = max((len(condition.values) for condition in statement.conditions), default=1)
    for number in range(count):
        plain = {condition.key: _value(condition, number) for condition in statement.conditions}
        yield {**absent, **plain}
        several = {
            condition.key: (value,) if isinstance(value := _value(condition, number), str) else ()
            for condition in statement.conditions
            if condition.operator.startswith("For")
        }
        if several:
            yield {**absent, **plain, **several}


def _value(condition: Condition, number: int) -> Value:
    operator, text = condition.operator, condition.values[min(number, len(condition.values) - 1)]
    if operator == "Null":
        return None if text == "true" else "something"
    if "Not" in operator:
        return "something-else"
    return text.replace("*", "").replace("?", "x")
