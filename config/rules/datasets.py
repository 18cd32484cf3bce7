"""What the columns of a dataset must obey: Personalize's schema rules."""

import re
from collections.abc import Iterator
from functools import partial

from config.derived.avro import avro_schema
from config.types.errors import Problem
from config.types.use_case import Column, ColumnType, Dataset, DatasetType, UseCase

_TYPES = DatasetType
_STRING, _LONG, _FLOAT = ColumnType.STRING, ColumnType.LONG, ColumnType.FLOAT

REQUIRED = {
    _TYPES.INTERACTIONS: {"USER_ID": _STRING, "ITEM_ID": _STRING, "TIMESTAMP": _LONG},
    _TYPES.USERS: {"USER_ID": _STRING},
    _TYPES.ITEMS: {"ITEM_ID": _STRING},
}
KNOWN = {
    _TYPES.INTERACTIONS: {
        "EVENT_TYPE": _STRING,
        "EVENT_VALUE": _FLOAT,
        "IMPRESSION": _STRING,
        "RECOMMENDATION_ID": _STRING,
        "EVENT_ATTRIBUTION_SOURCE": _STRING,
    },
    _TYPES.USERS: {},
    _TYPES.ITEMS: {"CREATION_TIMESTAMP": _LONG},
}
MOST_METADATA = {_TYPES.INTERACTIONS: 5, _TYPES.USERS: 25, _TYPES.ITEMS: 100}

_RESERVED = {name for known in (*REQUIRED.values(), *KNOWN.values()) for name in known}
_NEVER_NULL = {"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"}
_COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z\d_]*")
_LONGEST_NAME = 63
"""PostgreSQL cuts longer aliases; Personalize would take 150."""
_LONGEST_SCHEMA = 10_000
_EVENTS_AND_METADATA = 10


def dataset_problems(use_case: UseCase) -> Iterator[Problem]:
    subject = f"use case {use_case.name}"
    for type_, dataset in use_case.datasets.items():
        yield from _column_set_problems(subject, type_, dataset)
        for column in dataset.columns:
            yield from _column_problems(subject, type_, column)
    own = _metadata(_TYPES.INTERACTIONS, use_case.interactions)
    together = len(own) + len(use_case.event_types)
    if together > _EVENTS_AND_METADATA:
        yield Problem(
            subject,
            "interactions.columns",
            together,
            f"event types and metadata columns together must not be more than {_EVENTS_AND_METADATA}",
        )


def _column_set_problems(subject: str, type_: DatasetType, dataset: Dataset) -> Iterator[Problem]:
    about = partial(Problem, subject, f"{type_}.columns")
    names = [column.name for column in dataset.columns]
    for name in REQUIRED[type_]:
        if name not in names:
            yield about(names, f"{name} is required")
    by_key: dict[str, list[str]] = {}
    for name in names:
        by_key.setdefault(name.replace("_", "").lower(), []).append(name)
    for same in by_key.values():
        if len(same) > 1:
            yield about(same, "names must differ by more than underscores and case")
    metadata = _metadata(type_, dataset)
    if len(metadata) > MOST_METADATA[type_]:
        yield about(len(metadata), f"there can be at most {MOST_METADATA[type_]} metadata columns")
    if type_ is not _TYPES.INTERACTIONS and len(names) <= len(REQUIRED[type_]):
        yield about(names, "needs at least one metadata column beside the id")
    textual = [column.name for column in dataset.columns if column.textual]
    if len(textual) > 1:
        yield about(textual, "only one column can be textual")
    length = len(avro_schema(type_, dataset))
    if length > _LONGEST_SCHEMA:
        yield about(length, f"the Avro schema must not be longer than {_LONGEST_SCHEMA} characters")


def _metadata(type_: DatasetType, dataset: Dataset) -> list[Column]:
    fixed = REQUIRED[type_] | KNOWN[type_]
    return [column for column in dataset.columns if column.name not in fixed]


def _column_problems(subject: str, type_: DatasetType, column: Column) -> Iterator[Problem]:
    about = partial(Problem, subject, f"{type_}.columns[{column.name}]")
    fixed = REQUIRED[type_] | KNOWN[type_]
    if not _COLUMN_NAME.fullmatch(column.name) or len(column.name) > _LONGEST_NAME:
        yield about(
            column.name,
            f"must be 1 to {_LONGEST_NAME} letters, digits and underscores, not starting with a digit",
        )
    if column.name in fixed and column.type is not fixed[column.name]:
        yield about(column.type.value, f"must be of the type {fixed[column.name]}")
    if column.name in fixed and (column.categorical or column.textual):
        yield about(column.name, "has a meaning of its own and is neither categorical nor textual")
    if column.name not in fixed and column.name.upper() in {*_RESERVED, *fixed}:
        yield about(column.name, f"is a reserved name and cannot be a metadata column of the {type_}")
    if column.nullable and column.name in _NEVER_NULL & fixed.keys():
        yield about("nullable", "must have a value in every row")
    if (column.categorical or column.textual) and column.type is not ColumnType.STRING:
        yield about(column.type.value, "only strings can be categorical or textual")
    if column.categorical and column.textual:
        yield about(column.name, "is either categorical or textual")
    if column.textual and type_ is not _TYPES.ITEMS:
        yield about("textual", "only a column of the items can be textual")
