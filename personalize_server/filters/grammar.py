"""Filter expressions as values: `INCLUDE ItemID WHERE Items.GENRE IN ("Comedy") | EXCLUDE ...`."""

from collections.abc import Iterator
from dataclasses import dataclass

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

    def conditions(self) -> Iterator[Condition]:
        for group in self.any_of:
            yield from group


@dataclass(frozen=True)
class Filter:
    """What is allowed: (any INCLUDE rule, or everything if there is none) without (any EXCLUDE rule)."""

    rules: tuple[Rule, ...]

    def conditions(self) -> Iterator[Condition]:
        for rule in self.rules:
            yield from rule.conditions()
            yield from rule.only_if

    def placeholders(self) -> set[str]:
        return {
            value.name
            for condition in self.conditions()
            for value in condition.values
            if isinstance(value, Placeholder)
        }
