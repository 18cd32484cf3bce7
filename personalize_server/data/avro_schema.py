"""Dataset schemas: Avro records with Personalize's extra rules (developer guide, datasets and schemas)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from types import MappingProxyType
from typing import Any

_TYPES = frozenset({"float", "double", "int", "long", "string", "boolean", "null"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z\d_]*")
_NAME_LENGTH = 150


class SchemaError(ValueError):
    """The schema, or its use for a type of dataset, breaks a rule."""


@dataclass(frozen=True)
class Field:
    """A column of a dataset."""

    name: str
    type: str
    nullable: bool = False
    categorical: bool = False
    textual: bool = False
    item_name: bool = False

    @property
    def numeric(self) -> bool:
        return self.type in ("float", "double", "int", "long")


@dataclass(frozen=True, kw_only=True)
class DatasetRules:
    """What the schema of a type of dataset must and may have."""

    required: Mapping[str, str]
    """type by name"""
    known: Mapping[str, tuple[str, ...]] = default(default_factory=dict)
    """allowed types by name of columns that mean something"""
    metadata: tuple[int, int] = (0, 0)
    """least and most further columns"""


DATASET_TYPES = MappingProxyType(
    {
        "INTERACTIONS": DatasetRules(
            required={"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"},
            known={
                "EVENT_TYPE": ("string",),
                "EVENT_VALUE": ("float", "double", "int", "long"),
                "IMPRESSION": ("string",),
                "RECOMMENDATION_ID": ("string",),
                "EVENT_ATTRIBUTION_SOURCE": ("string",),
            },
            metadata=(0, 5),
        ),
        "USERS": DatasetRules(required={"USER_ID": "string"}, metadata=(1, 25)),
        "ITEMS": DatasetRules(
            required={"ITEM_ID": "string"}, known={"CREATION_TIMESTAMP": ("long",)}, metadata=(1, 100)
        ),
        "ACTIONS": DatasetRules(
            required={"ACTION_ID": "string"},
            known={
                "VALUE": ("float", "double", "int", "long"),
                "CREATION_TIMESTAMP": ("long",),
                "EXPIRATION_TIMESTAMP": ("long",),
                "REPEAT_FREQUENCY": ("int", "long"),
            },
            metadata=(0, 10),
        ),
        "ACTION_INTERACTIONS": DatasetRules(
            required={
                "USER_ID": "string",
                "ACTION_ID": "string",
                "EVENT_TYPE": "string",
                "TIMESTAMP": "long",
            },
            known={"IMPRESSION": ("string",), "RECOMMENDATION_ID": ("string",)},
        ),
    }
)


def parse_schema(text: str) -> tuple[Field, ...]:
    """The fields of a schema.

    Raises: SchemaError, on the first broken rule that holds for every type of dataset.
    """
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise SchemaError(f"The schema is not valid JSON: {problem}") from None
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise SchemaError("The schema must be an Avro record.")
    if not isinstance(schema.get("name"), str) or not isinstance(schema.get("fields"), list):
        raise SchemaError("The schema must have a name and a list of fields.")
    fields = tuple(_field(entry) for entry in schema["fields"])
    if not fields:
        raise SchemaError("The schema has no fields.")
    seen: dict[str, str] = {}
    for field in fields:
        key = re.sub(r"[\W_]", "", field.name).lower()
        if key in seen:
            raise SchemaError(f"The field names {seen[key]} and {field.name} are too alike.")
        seen[key] = field.name
    if sum(field.textual for field in fields) > 1:
        raise SchemaError("Only one field can be textual.")
    return fields


def check_type(text: str, dataset_type: str) -> tuple[Field, ...]:
    """The fields, if the schema is fit for this type of dataset. Raises: SchemaError, if it is not."""
    fields = parse_schema(text)
    rules = DATASET_TYPES[dataset_type]
    name = str(json.loads(text)["name"])
    if re.sub(r"[\W_]", "", name).upper() != dataset_type.replace("_", ""):
        raise SchemaError(
            f"The schema is called {name}, which does not match the dataset type {dataset_type}."
        )
    by_name = {field.name: field for field in fields}
    missing = [column for column in rules.required if column not in by_name]
    if missing:
        raise SchemaError(f"The schema is missing the following required fields: [{', '.join(missing)}]")
    for column, wanted in rules.required.items():
        if by_name[column].type != wanted or by_name[column].nullable:
            raise SchemaError(f"The field {column} must be of type {wanted} and not null.")
        if by_name[column].categorical:
            raise SchemaError(f"The field {column} cannot be categorical.")
    for column, allowed in rules.known.items():
        if column in by_name and by_name[column].type not in allowed:
            raise SchemaError(f"The field {column} must be of type {' or '.join(allowed)}.")
    if "EVENT_TYPE" in rules.known and "EVENT_TYPE" in by_name and by_name["EVENT_TYPE"].categorical:
        raise SchemaError("The field EVENT_TYPE cannot be categorical.")
    if dataset_type != "ITEMS" and any(field.textual or field.item_name for field in fields):
        raise SchemaError("Only fields of an Items schema can be textual or the item's name.")
    free = [field for field in fields if field.name not in rules.required]
    least, most = rules.metadata
    more = [field for field in free if field.name not in rules.known]
    if len(free) < least:
        raise SchemaError(f"The schema must have at least {least} metadata field.")
    if len(more) > most:
        raise SchemaError(f"The schema has {len(more)} metadata fields; at most {most} are allowed.")
    return fields


def check_replacement(old: tuple[Field, ...], new: tuple[Field, ...]) -> None:
    """A dataset's schema may only gain fields, and these must allow null.

    Raises: SchemaError, if it does otherwise.
    """
    kept = {field.name: field for field in new}
    for field in old:
        if field.name not in kept or kept[field.name].type != field.type:
            raise SchemaError(f"The new schema must keep the field {field.name} of type {field.type}.")
    known = {field.name for field in old}
    for field in new:
        if field.name not in known and not field.nullable:
            raise SchemaError(f"The new field {field.name} must allow null.")


def _field(entry: Any) -> Field:
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str) or "type" not in entry:
        raise SchemaError("Every field must have a name and a type.")
    name = entry["name"]
    if not _NAME.fullmatch(name) or len(name) > _NAME_LENGTH:
        raise SchemaError(f"The field name {name[:_NAME_LENGTH]} is not valid.")
    kinds = entry["type"] if isinstance(entry["type"], list) else [entry["type"]]
    if not all(isinstance(kind, str) and kind in _TYPES for kind in kinds):
        raise SchemaError(f"The field {name} has a type that is not supported: {json.dumps(entry['type'])}")
    values = [kind for kind in kinds if kind != "null"]
    if len(values) != 1:
        raise SchemaError(f"The field {name} must have exactly one type besides null.")
    for mark in ("categorical", "textual", "itemName"):
        if not isinstance(entry.get(mark, False), bool):
            raise SchemaError(f"The attribute {mark} of the field {name} must be true or false.")
    field = Field(
        name,
        values[0],
        nullable="null" in kinds,
        categorical=entry.get("categorical", False),
        textual=entry.get("textual", False),
        item_name=entry.get("itemName", False),
    )
    if (field.textual or field.item_name) and field.type != "string":
        raise SchemaError(f"The field {name} must be of type string to be textual or the item's name.")
    return field
