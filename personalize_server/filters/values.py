"""The values a condition compares with, once it is known who asks and about what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.ground.vocabulary import UNKNOWN
from personalize_server.data.attribute_columns import SEPARATOR, Attributes, is_number
from personalize_server.filters.grammar import Condition, FilterError, Literal, Placeholder, Reference

Values = Mapping[str, tuple[Literal, ...]]


class ParameterMissing(FilterError):
    """The request lacks a parameter of the filter."""


@dataclass(frozen=True)
class Subjects:
    """The current user and item, by their rows; -1: there is none."""

    users: Attributes = field(default_factory=lambda: Attributes({}))
    user: int = UNKNOWN
    items: Attributes = field(default_factory=lambda: Attributes({}))
    item: int = UNKNOWN


def literals(condition: Condition, values: Values, subjects: Subjects) -> tuple[Literal, ...] | None:
    """None: it compares with a cell that is not there, and so is not met.

    Raises: ParameterMissing, if the request lacks a value.
    """
    if condition.plain is not None:
        return condition.plain
    found: list[Literal] = []
    for value in condition.values:
        match value:
            case Literal():
                found.append(value)
            case Placeholder(name):
                if name not in values:
                    raise ParameterMissing(f"The filter needs a value for the parameter {name}.")
                found.extend(values[name])
            case Reference():
                cells = _cells(value, subjects)
                if not cells:
                    return None
                found.extend(cells)
    return tuple(found)


def _cells(reference: Reference, subjects: Subjects) -> list[Literal]:
    table, row = subjects.items, subjects.item
    if reference.subject == "CURRENTUSER":
        table, row = subjects.users, subjects.user
    column = table.find(reference.field)
    text = column.text(row) if column is not None and row >= 0 else ""
    if column is None or not text:
        return []
    if is_number(column):
        return [Literal(text, quoted=False)]
    return [Literal(part, quoted=True) for part in text.split(SEPARATOR)]
