"""Filters applied to scores: what a filter does not allow gets -inf."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

import numpy as np

from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.vocabulary import UNKNOWN
from personalize_server.data.attribute_columns import Attributes, Patched
from personalize_server.data.window import Window
from personalize_server.filters.conditions import NEGATIVE, cell_meets, condition_mask
from personalize_server.filters.grammar import WILDCARD, Condition, Filter, FilterError, Literal, Rule
from personalize_server.filters.parser import parse_values
from personalize_server.filters.values import ParameterMissing, Subjects, Values, literals

EXCLUDED = np.float32(-np.inf)
Parameters = tuple[tuple[str, str], ...]
Newer = Sequence[tuple[int, str]]
Events = tuple[Callable[[str], bool], Mask]
"""Does a rule mean an event of a type, and the same for the window's types and none?"""
_CACHED = 256
_NOBODY = np.array([UNKNOWN], np.int32)


class FilterData:
    """What filters look at, for the items and users of an image and those put since.

    `before`: the same without what was put since; what it has found out of whole columns still holds for
    the cells that are as they were.
    """

    def __init__(
        self,
        width: int,
        items: Attributes,
        users: Attributes,
        window: Window,
        before: "FilterData | None" = None,
    ) -> None:
        self.items = items
        self.users = users
        self.width = width
        self.window = window
        self._before = before
        self.mask = lru_cache(maxsize=_CACHED)(self._mask)
        self._events = lru_cache(maxsize=_CACHED)(self._event_test)
        self._general = lru_cache(maxsize=_CACHED)(self._for_everybody)
        self._marks = np.zeros(width, np.bool_)
        """all False between two uses, by one thread"""

    def check(self, filter_: Filter, parameters: Parameters) -> None:
        """Raises: FilterError, for a request that lacks a parameter or gives a bad one."""
        self.apply(np.zeros((1, self.width), np.float32), filter_, parameters, _NOBODY)

    def apply(
        self,
        scores: Floats,
        filter_: Filter,
        parameters: Parameters,
        users: Codes,
        newer: Newer = (),
        item: int = UNKNOWN,
    ) -> None:
        """In place; `users` are rows of the users' table, -1 for none of it; `item` is the current one.

        `scores` may have fewer columns than there are items.

        `newer` is what the only user asked about did since: item by its position, and event type.
        """
        values = _parsed(parameters)
        allowed: Mask | None = None
        restricted: Mask = np.zeros((1, 1), np.bool_)
        for rule in filter_.rules:
            try:
                rows = self._rows(rule, values, users)
                meant = self._meant(rule, values, users, newer, item)
            except ParameterMissing:
                if rule.include:
                    raise
                continue
            meant = meant[:, : scores.shape[1]]
            if rows is not None:
                meant = meant & rows
            if not rule.include:
                np.copyto(scores, EXCLUDED, where=meant)
                continue
            restricted = restricted | (True if rows is None else rows)
            allowed = meant if allowed is None else allowed | meant
        if allowed is not None:
            np.copyto(scores, EXCLUDED, where=restricted & ~allowed)

    def kept(
        self,
        items: Codes,
        filter_: Filter,
        parameters: Parameters,
        user: int,
        newer: Newer = (),
        item: int = UNKNOWN,
    ) -> Mask:
        """Which of these items `apply` would leave to one user; not for several threads at once."""
        general = self._general(filter_, parameters)
        if general is None:
            blank = np.zeros((1, self.width), np.float32)
            self.apply(blank, filter_, parameters, np.array([user], np.int32), newer, item)
            found: Mask = (blank[0] == 0).take(items)
            return found
        allowed, events = general
        found = allowed.take(items)
        for test, verdicts in events:
            touched = self.window.touched(user, verdicts)
            recently = [code for code, kind in newer if test(kind)]
            if recently:
                touched = np.append(touched, recently)
            self._marks[touched] = True
            found &= ~self._marks.take(items)
            self._marks[touched] = False
        return found

    def _for_everybody(self, filter_: Filter, parameters: Parameters) -> tuple[Mask, list[Events]] | None:
        """What is allowed whoever asks, and what events of a user take out of that.

        None: it depends on who asks in other ways, or about what. Raises: as `apply`.
        """
        values = _parsed(parameters)
        events = []
        for rule in filter_.rules:
            if rule.only_if or rule.about_subject or (rule.include and rule.dataset != "ITEMS"):
                return None
            if rule.dataset == "INTERACTIONS":
                with suppress(ParameterMissing):
                    events.append(self._tested(rule, values))
        blank = np.zeros((1, self.width), np.float32)
        rest = tuple(rule for rule in filter_.rules if rule.dataset != "INTERACTIONS")
        self.apply(blank, Filter(rest), parameters, _NOBODY)
        return blank[0] == 0, events

    def _rows(self, rule: Rule, values: Values, users: Codes) -> Mask | None:
        """Whom the rule applies to, as a column; None: everyone."""
        if not rule.only_if:
            return None
        verdicts = [
            all(self._holds(condition, values, user) for condition in rule.only_if) for user in users.tolist()
        ]
        return np.array(verdicts, np.bool_)[:, None]

    def _holds(self, condition: Condition, values: Values, user: int) -> bool:
        wanted = literals(condition, values, self._subjects(user, UNKNOWN))
        column = self.users.find(condition.field)
        if user < 0 or column is None or wanted is None:
            return False
        return cell_meets(column, user, condition, wanted)

    def _meant(self, rule: Rule, values: Values, users: Codes, newer: Newer, item: int) -> Mask:
        """One row for all users, or a row each."""
        match rule.dataset:
            case "INTERACTIONS":
                return self._touched(rule, values, users, newer)
            case "ITEMS":
                if not rule.about_user:
                    return self._items_meant(rule, values, UNKNOWN, item)
                rows = [self._items_meant(rule, values, user, item) for user in users.tolist()]
                return np.concatenate(rows)
            case other:
                raise FilterError(f"A filter by {other} does not fit recommendations of items.")

    def _items_meant(self, rule: Rule, values: Values, user: int, item: int) -> Mask:
        subjects = self._subjects(user, item)
        found: Mask | None = None
        for group in rule.any_of:
            meant: Mask | None = None
            for condition in group:
                wanted = literals(condition, values, subjects)
                if wanted is None:
                    mask = np.zeros((1, self.width), np.bool_)
                else:
                    mask = self.mask(condition.field.upper(), condition.operator, wanted)
                meant = mask if meant is None else meant & mask
            assert meant is not None
            found = meant if found is None else found | meant
        assert found is not None
        return found

    def _mask(self, field: str, operator: str, wanted: tuple[Literal, ...]) -> Mask:
        """Shared by requests: not to be changed."""
        column = self.items.find(field)
        if isinstance(column, Patched):
            assert self._before is not None
            found = np.full(self.width, operator in NEGATIVE)
            found[: self._before.width] = self._before.mask(field, operator, wanted)[0]
            rows = np.fromiter(column.places, np.int32, len(column.places))
            newer = condition_mask(column.newer, field, operator, wanted)
            found[rows] = newer[np.fromiter(column.places.values(), np.int32, len(rows))]
            return found[None]
        if column is None:
            found = np.zeros(self.width, np.bool_)
            return (~found if operator in NEGATIVE else found)[None]
        return condition_mask(column, field, operator, wanted)[None]

    def _touched(self, rule: Rule, values: Values, users: Codes, newer: Newer) -> Mask:
        test, verdicts = self._tested(rule, values)
        marks = np.zeros((len(users), self.width), np.bool_)
        self.window.mark(marks, users, verdicts)
        marks[:, [item for item, kind in newer if test(kind)]] = True
        return marks

    def _tested(self, rule: Rule, values: Values) -> Events:
        groups = tuple(
            tuple((condition.operator, literals(condition, values, Subjects()) or ()) for condition in group)
            for group in rule.any_of
        )
        return self._events(groups)

    def _event_test(self, groups: tuple[tuple[tuple[str, tuple[Literal, ...]], ...], ...]) -> Events:
        """Does a rule mean an event of a type, and the same for the window's types and none."""
        lowered = [
            [({value.value.lower() for value in wanted}, sign not in NEGATIVE) for sign, wanted in group]
            for group in groups
        ]

        def meant(kind: str) -> bool:
            return any(
                all((WILDCARD in wanted or kind.lower() in wanted) == positive for wanted, positive in tests)
                for tests in lowered
            )

        return meant, np.array([*map(meant, self.window.type_names), meant("")], np.bool_)

    def _subjects(self, user: int, item: int) -> Subjects:
        return Subjects(self.users, user, self.items, item)


@lru_cache(maxsize=4096)
def _parsed(parameters: Parameters) -> Mapping[str, tuple[Literal, ...]]:
    return {name: parse_values(text) for name, text in parameters}
