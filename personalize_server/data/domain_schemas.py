"""What schemas of domain dataset groups must have beside what custom ones must (developer guide, by domain).

Types are held against the documented ones; whether null is allowed is not documented for all and left open.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from personalize_server.data.avro_schema import Field, SchemaError, parse_schema

_NUMBERS = ("float", "double")


@dataclass(frozen=True, kw_only=True)
class _Rules:
    required: tuple[str, ...]
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """by name, of columns that mean something"""
    categorical: tuple[str, ...] = ()


_INTERACTIONS = _Rules(required=("EVENT_TYPE",), types={"EVENT_TYPE": ("string",)})
_RULES: Mapping[tuple[str, str], _Rules] = MappingProxyType(
    {
        ("VIDEO_ON_DEMAND", "INTERACTIONS"): _INTERACTIONS,
        ("ECOMMERCE", "INTERACTIONS"): _INTERACTIONS,
        ("VIDEO_ON_DEMAND", "ITEMS"): _Rules(
            required=("GENRES", "CREATION_TIMESTAMP"),
            types={
                **{"GENRES": ("string",), "CREATION_TIMESTAMP": ("long",)},
                **dict.fromkeys(("PRICE", "DURATION", "AVERAGE_RATING"), _NUMBERS),
            },
            categorical=("GENRES",),
        ),
        ("ECOMMERCE", "ITEMS"): _Rules(
            required=("PRICE", "CATEGORY_L1"),
            types={"PRICE": _NUMBERS, "CATEGORY_L1": ("string",)},
            categorical=("CATEGORY_L1",),
        ),
    }
)


def check_domain(text: str, domain: str) -> None:
    """Of a schema, whose name tells the type of dataset. Raises: SchemaError, if its domain asks more."""
    name = re.sub(r"[\W_]", "", str(json.loads(text)["name"])).upper()
    rules = _RULES.get((domain, name))
    if rules is None:
        return
    fields: Mapping[str, Field] = {found.name: found for found in parse_schema(text)}
    missing = [column for column in rules.required if column not in fields]
    if missing:
        raise SchemaError(
            f"The schema is missing the following required fields of the domain {domain}: "
            f"[{', '.join(missing)}]"
        )
    for column, allowed in rules.types.items():
        if column in fields and fields[column].type not in allowed:
            raise SchemaError(f"The field {column} must be of type {' or '.join(allowed)}.")
    for column in rules.categorical:
        if not fields[column].categorical:
            raise SchemaError(f"The field {column} must be categorical.")
