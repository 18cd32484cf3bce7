"""Is a filter fit for a dataset group: do its fields exist there, and can they be filtered by?"""

from collections.abc import Mapping, Sequence

from personalize_server.data.avro_schema import Field
from personalize_server.filters.grammar import Condition, Filter, FilterError, Reference

_MOST_FIELDS = 10
_SUBJECTS = {"CURRENTUSER": "USERS", "CURRENTITEM": "ITEMS"}
_ORDERINGS = ("<", "<=", ">", ">=")
_PREFIX = "Could not create filter."


def check_filter(parsed: Filter, fields: Mapping[str, Sequence[Field]]) -> None:
    """`fields` are those of the group's datasets by type. Raises: FilterError, also for too many fields."""
    if len(fields_used(parsed)) > _MOST_FIELDS:
        raise FilterError(f"{_PREFIX} More than {_MOST_FIELDS} distinct fields.")
    for condition in parsed.conditions():
        field = _field(_SUBJECTS.get(condition.dataset, condition.dataset), condition.field, fields)
        _check_condition(condition, field)
        for value in condition.values:
            if isinstance(value, Reference):
                _field(_SUBJECTS[value.subject], value.field, fields)


def fields_used(parsed: Filter) -> set[tuple[str, str]]:
    """Dataset and name in capitals of what conditions are about."""
    conditions = parsed.conditions()
    return {(_SUBJECTS.get(one.dataset, one.dataset), one.field.upper()) for one in conditions}


def _check_condition(condition: Condition, field: Field) -> None:
    if condition.dataset.endswith("INTERACTIONS") and field.name != "EVENT_TYPE":
        raise FilterError(f"{_PREFIX} Interactions can only be filtered by EVENT_TYPE.")
    if field.textual or field.type == "boolean":
        raise FilterError(f"{_PREFIX} The field {field.name} is textual or boolean and cannot be used.")
    if condition.operator in _ORDERINGS and not field.numeric:
        raise FilterError(
            f"{_PREFIX} {condition.operator} needs a number; {field.name} is of type {field.type}."
        )


def _field(dataset: str, name: str, fields: Mapping[str, Sequence[Field]]) -> Field:
    if dataset not in fields:
        raise FilterError(f"{_PREFIX} The dataset group has no {dataset} dataset.")
    for field in fields[dataset]:
        if field.name.upper() == name.upper():
            return field
    raise FilterError(f"{_PREFIX} The {dataset} dataset has no field {name}.")
