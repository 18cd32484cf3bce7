"""Filter expressions as values: `INCLUDE ItemID WHERE Items.GENRE IN ("Comedy") | EXCLUDE ...`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

WILDCARD = "*"


class FilterError(ValueError):
    """The expression is not one."""


@dataclass(frozen=True)
class Literal:
    value: str
    quoted: bool


@dataclass(frozen=True)
class Placeholder:
    """A value that comes with each request."""

    name: str


@dataclass(frozen=True)
class Reference:
    """A value of the user or item that is asked about."""

    subject: str
    field: str


Value = Literal | Placeholder | Reference


@dataclass(frozen=True)
class Condition:
    dataset: str
    """INTERACTIONS, ITEMS, USERS, ACTIONS, ACTION_INTERACTIONS, or CURRENTUSER after IF"""
    field: str
    operator: str
    """IN, NOT IN, =, !=, <, <=, >, >="""
    values: tuple[Value, ...]

    @cached_property
    def plain(self) -> tuple[Literal, ...] | None:
        """The values where none depends on a request, else None."""
        plain = tuple(value for value in self.values if isinstance(value, Literal))
        return plain if len(plain) == len(self.values) else None


@dataclass(frozen=True)
class Rule:
    """One expression; it holds for what meets any of `any_of`, and each of those is met altogether."""

    include: bool
    target: str
    any_of: tuple[tuple[Condition, ...], ...]
    only_if: tuple[Condition, ...] = ()

    @property
    def dataset(self) -> str:
        return self.any_of[0][0].dataset

    @cached_property
    def about_user(self) -> bool:
        """Is one of its values a field of the current user?"""
        values = (value for condition in self.conditions() for value in condition.values)
        return any(isinstance(value, Reference) and value.subject == "CURRENTUSER" for value in values)

    @cached_property
    def about_subject(self) -> bool:
        """Is one of its values a field of the current user or item?"""
        return any(
            isinstance(value, Reference) for condition in self.conditions() for value in condition.values
        )

    def conditions(self) -> Iterator[Condition]:
        for group in self.any_of:
            yield from group


@dataclass(frozen=True)
class Filter:
    """What is allowed: (any INCLUDE rule, or everything if there is none) without (any EXCLUDE rule)."""

    rules: tuple[Rule, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.rules)

    def conditions(self) -> Iterator[Condition]:
        for rule in self.rules:
            yield from rule.conditions()
            yield from rule.only_if

    @cached_property
    def about_item(self) -> bool:
        """Does it need a current item?"""
        values = (value for condition in self.conditions() for value in condition.values)
        return any(isinstance(value, Reference) and value.subject == "CURRENTITEM" for value in values)

    @cached_property
    def about_interactions(self) -> bool:
        return any(rule.dataset == "INTERACTIONS" for rule in self.rules)

    def placeholders(self) -> set[str]:
        return {
            value.name
            for condition in self.conditions()
            for value in condition.values
            if isinstance(value, Placeholder)
        }
