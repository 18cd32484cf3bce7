"""Rules of filters met by whole tables: which rows, which types of events."""

from collections.abc import Callable

import numpy as np

from engine.ground.arrays import Mask
from personalize_server.data.attribute_columns import Attributes, Patched
from personalize_server.filters.conditions import condition_mask
from personalize_server.filters.grammar import WILDCARD, Condition, Rule
from personalize_server.filters.values import Subjects, Values, literals

_NEGATIVE = ("NOT IN", "!=")


def rows_meant(attributes: Attributes, rows: int, rule: Rule, values: Values) -> Mask:
    """The rows that meet any of the rule's groups of conditions."""
    meant = np.zeros(rows, np.bool_)
    for group in rule.any_of:
        meant |= np.logical_and.reduce([meets(attributes, rows, condition, values) for condition in group])
    return meant


def meets(attributes: Attributes, rows: int, condition: Condition, values: Values) -> Mask:
    column = attributes.find(condition.field)
    wanted = literals(condition, values, Subjects())
    if column is None or wanted is None:
        return np.full(rows, condition.operator in _NEGATIVE)
    assert not isinstance(column, Patched), "jobs read whole tables"
    return condition_mask(column, condition.field, condition.operator, wanted)


def event_test(rule: Rule, values: Values) -> Callable[[str], bool]:
    """Does the rule mean events of a type? Types compare without regard to case."""
    groups = []
    for group in rule.any_of:
        tests = []
        for condition in group:
            wanted = {value.value.lower() for value in literals(condition, values, Subjects()) or ()}
            tests.append((wanted, condition.operator not in _NEGATIVE))
        groups.append(tests)

    def meant(kind: str) -> bool:
        return any(
            all((WILDCARD in wanted or kind.lower() in wanted) == positive for wanted, positive in tests)
            for tests in groups
        )

    return meant
