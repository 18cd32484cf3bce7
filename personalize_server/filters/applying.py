"""Filters applied to scores: what a filter does not allow gets -inf."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Codes, Floats, Ids, Mask
from engine.histories import Histories
from personalize_server.attribute_table import AttributeTable
from personalize_server.filters.grammar import (
    WILDCARD,
    Condition,
    Filter,
    FilterError,
    Literal,
    Placeholder,
    Reference,
    Rule,
)
from personalize_server.filters.parser import parse_values
from personalize_server.interaction_table import InteractionTable

_COMPARE: Mapping[str, Callable[[NDArray[np.float64], float], Mask]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EXCLUDED = np.float32(-np.inf)
Parameters = tuple[tuple[str, str], ...]
Newer = Sequence[tuple[int, str]]


class ParameterMissing(FilterError):
    """The request lacks a parameter of the filter."""


@dataclass(frozen=True)
class Applied:
    """A rule with its values: the items it means, for everyone or per user (by row of the table)."""

    include: bool
    width: int
    """the number of items"""
    items: Mask | None
    per_user: Histories | None
    users: Mask | None
    """the users it applies to; None: all"""
    event: Callable[[str], bool] | None = None
    """does a rule about interactions mean an event of this type"""

    def with_newer(self, newer: Newer) -> "Applied":
        """The same with more interactions of every user."""
        if self.event is None:
            return self
        meant = np.zeros(self.width, np.bool_)
        meant[[item for item, kind in newer if self.event(kind)]] = True
        return replace(self, items=meant)

    def rows(self, users: Codes) -> Mask:
        if self.users is None:
            return np.ones(len(users), np.bool_)
        return np.where(users >= 0, self.users[users], False)


class FilterData:
    """What filters look at, for one model's items and all users of a table of interactions.

    `newest` limits the interactions seen per user and event type.
    """

    def __init__(
        self,
        item_ids: Ids,
        table: InteractionTable,
        items: AttributeTable,
        users: AttributeTable,
        *,
        newest: int,
    ) -> None:
        self._item_ids = item_ids
        self._table = table
        self._items = items
        self._users = users
        self._window = table.newest(newest)
        self.prepared = lru_cache(maxsize=64)(self._prepare)

    def apply(
        self,
        scores: Floats,
        filter_: Filter,
        parameters: Parameters,
        users: Codes,
        newer: Newer = (),
    ) -> None:
        """In place; `users` are rows of the table of interactions, -1 where it has none of the user.

        `newer` is what the only user asked about did since: item by its position, and event type.
        """
        rules = self.prepared(filter_, parameters)
        if newer:
            rules = tuple(rule.with_newer(newer) for rule in rules)
        allowed = np.zeros(scores.shape, np.bool_)
        restricted = np.zeros(len(scores), np.bool_)
        for rule in rules:
            if rule.include:
                rows = rule.rows(users)
                restricted |= rows
                allowed[rows] |= self._meant(rule, users[rows], scores.shape[1])
        if restricted.any():
            scores[restricted[:, None] & ~allowed] = EXCLUDED
        for rule in rules:
            if not rule.include:
                self._exclude(scores, rule, users)

    def _exclude(self, scores: Floats, rule: Applied, users: Codes) -> None:
        rows = np.flatnonzero(rule.rows(users))
        if rule.items is not None:
            scores[np.ix_(rows, np.flatnonzero(rule.items))] = EXCLUDED
        if rule.per_user is not None:
            meant = rule.per_user.take(users[rows])
            scores[rows[meant.rows], meant.items] = EXCLUDED

    def _meant(self, rule: Applied, users: Codes, items: int) -> Mask:
        mask = np.zeros((len(users), items), np.bool_)
        if rule.items is not None:
            mask |= rule.items
        if rule.per_user is not None:
            meant = rule.per_user.take(users)
            mask[meant.rows, meant.items] = True
        return mask

    def _prepare(self, filter_: Filter, parameters: Parameters) -> tuple[Applied, ...]:
        values = {name: parse_values(text) for name, text in parameters}
        prepared = []
        for rule in filter_.rules:
            try:
                prepared.append(self._applied(rule, values))
            except ParameterMissing:
                if rule.include:
                    raise
        return tuple(prepared)

    def _applied(self, rule: Rule, values: Mapping[str, tuple[Literal, ...]]) -> Applied:
        users = None
        for condition in rule.only_if:
            known = _mask(self._users, condition, values)
            users = known if users is None else users & known
        if rule.dataset == "INTERACTIONS":
            meant = _event_test(rule, values)
            good = np.array([*(meant(str(name)) for name in self._table.type_names), meant("")])
            pairs = self._table.pairs(good[self._table.types] & self._window, self._item_ids)
            return Applied(rule.include, len(self._item_ids), None, pairs, users, meant)
        if rule.dataset == "ITEMS":
            items = np.zeros(len(self._item_ids), np.bool_)
            for group in rule.any_of:
                items |= np.logical_and.reduce([_mask(self._items, condition, values) for condition in group])
            return Applied(rule.include, len(self._item_ids), items, None, users)
        raise FilterError(f"A filter by {rule.dataset} does not fit recommendations of items.")


def _event_test(rule: Rule, values: Mapping[str, tuple[Literal, ...]]) -> Callable[[str], bool]:
    """Event types compare without regard to case."""
    groups = []
    for group in rule.any_of:
        tests = []
        for condition in group:
            wanted = {value.value.lower() for value in _literals(condition, values)}
            tests.append((wanted, condition.operator not in ("NOT IN", "!=")))
        groups.append(tests)

    def meant(kind: str) -> bool:
        return any(
            all((WILDCARD in wanted or kind.lower() in wanted) == positive for wanted, positive in tests)
            for tests in groups
        )

    return meant


def _mask(table: AttributeTable, condition: Condition, values: Mapping[str, tuple[Literal, ...]]) -> Mask:
    wanted = _literals(condition, values)
    field = condition.field.upper()
    column = next((name for part in table.parts for name in part.columns if name.upper() == field), field)
    negative = condition.operator in ("NOT IN", "!=")
    if table.is_number(column):
        numbers = table.numbers(column)
        compare = _COMPARE["=" if condition.operator.endswith("IN") or negative else condition.operator]
        found: Mask = np.zeros(len(numbers), np.bool_)
        for value in wanted:
            found |= compare(numbers, _number(value, column))
    else:
        texts = {value.value for value in wanted}
        found = table.matches(column, lambda cell: cell in texts or not texts.isdisjoint(cell.split("|")))
    return ~found if negative else found


def _literals(condition: Condition, values: Mapping[str, tuple[Literal, ...]]) -> Sequence[Literal]:
    found: list[Literal] = []
    for value in condition.values:
        match value:
            case Literal():
                found.append(value)
            case Placeholder(name):
                if name not in values:
                    raise ParameterMissing(f"The filter needs a value for the parameter {name}.")
                found.extend(values[name])
            case Reference(subject, field):
                raise FilterError(f"{subject}.{field} as a value is not supported here.")
    return found


def _number(value: Literal, column: str) -> float:
    try:
        return float(value.value)
    except ValueError:
        raise FilterError(f"{value.value} is not a number to compare {column} with.") from None
