"""Avro schemas from typed columns."""

import json
from typing import Any

from config.types.use_case import Column, Dataset, DatasetType


def avro_schema(dataset_type: DatasetType, dataset: Dataset) -> str:
    """The schema text that Amazon Personalize is given; the record is named after the dataset type."""
    return json.dumps(
        {
            "type": "record",
            "name": dataset_type.value.capitalize(),
            "namespace": "com.amazonaws.personalize.schema",
            "fields": [_field(column) for column in dataset.columns],
            "version": "1.0",
        },
        separators=(",", ":"),
    )


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": ["null", column.type.value] if column.nullable else column.type.value,
    }
    if column.categorical:
        field["categorical"] = True
    if column.textual:
        field["textual"] = True
    return field
