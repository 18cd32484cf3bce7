"""Conditions: operators, keys that a request does not have, keys with several values."""

from typing import Any

import pytest

from rights.patterns import Value
from tests.rights.support import call, decided, policy, statement

KEY = "aws:Key"


def holds(operator: str, expected: Any, actual: Value) -> bool:
    condition = {operator: {KEY: expected}}
    return decided(call(context={KEY: actual}), identity=policy(statement(Condition=condition))).allowed


@pytest.mark.parametrize(
    ("operator", "expected", "true", "false"),
    [
        ("StringEquals", ["a", "b"], "b", "c"),
        ("StringEquals", "a*", "a*", "ab"),
        ("StringEqualsIgnoreCase", "aB", "Ab", "ac"),
        ("StringNotEquals", ["a", "b"], "c", "a"),
        ("StringLike", "user#*", "user#1", "pointer#1"),
        ("StringNotLike", "user#*", "pointer#1", "user#1"),
        ("Bool", True, "true", "false"),
        ("Bool", "false", "False", "true"),
        ("NumericLessThan", 3, "2", "3"),
        ("NumericLessThanEquals", "3", "3", "3.5"),
        ("NumericNotEquals", 3, "4", "3.0"),
        ("ArnLike", "arn:aws:states:*:1:one:*", "arn:aws:states:x:1:one:a", "arn:aws:states:x:1:other:a"),
        ("ArnEquals", "arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:1:q", "arn:aws:sqs:eu-west-1:1:r"),
        # No wildcard reaches over a colon.
        ("ArnLike", "arn:aws:sqs:*:q", "arn:aws:sqs::q", "arn:aws:sqs:eu-west-1:1:q"),
        ("ArnNotEquals", "arn:aws:sqs:*:1:q", "arn:aws:sqs:eu-west-1:1:r", "arn:aws:sqs:eu-west-1:1:q"),
        ("Null", "true", None, "x"),
        ("Null", "false", "x", None),
    ],
)  # fmt: skip
def test_operators_compare(operator: str, expected: Any, true: Value, false: Value) -> None:
    assert holds(operator, expected, true)
    assert not holds(operator, expected, false)


@pytest.mark.parametrize(
    ("operator", "absent"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("StringNotLikeIfExists", True),
        ("BoolIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
    ],
)
def test_a_key_that_the_request_does_not_have(operator: str, absent: bool) -> None:
    """As documented under "Single-valued vs. multivalued context keys" and "IfExists"."""
    assert holds(operator, "x", None) is absent


def test_sets_of_values() -> None:
    assert holds("ForAllValues:StringLike", ["user#*", "pointer#*"], ("user#1", "pointer#2"))
    assert not holds("ForAllValues:StringLike", ["user#*"], ("user#1", "pointer#2"))
    assert holds("ForAnyValue:StringLike", ["user#*"], ("user#1", "pointer#2"))
    assert not holds("ForAnyValue:StringLike", ["user#*"], ("popular#1", "pointer#2"))
    assert holds("ForAllValues:StringNotEquals", ["a"], ("b", "c"))


def test_all_conditions_of_a_statement_must_hold() -> None:
    both = {"StringEquals": {"aws:A": "1"}, "Bool": {"aws:B": "true"}}
    statements = policy(statement(Condition=both))

    for a, b, expected in (("1", "true", True), ("1", "false", False), ("2", "true", False)):
        assert decided(call(context={"aws:A": a, "AWS:b": b}), identity=statements).allowed is expected
