"""What the engine can train: a configuration is checked where no engine is installed."""

import json
from pathlib import Path

from config.types.use_case import Column, ColumnType
from config.types.variants import Heuristic

ALGORITHMS = (
    "hybrid",
    "popularity",
    "demographic",
    "content",
    "svd",
    "item-neighbours",
    "user-neighbours",
    "transitions",
    "ials",
    "ease",
    "next-item",
    "again",
)
KIND = "kind"
"""The member of a configuration file that names its algorithm."""


def is_attribute(column: Column) -> bool:
    """Of a person: something to go by without a history. Strings are, if they are categories."""
    is_id = column.name in ("USER_ID", "ITEM_ID")
    return not is_id and (column.categorical or column.type is not ColumnType.STRING)


def algorithm_of(heuristic: Heuristic) -> tuple[str, str | None]:
    """The engine's algorithm, and its configuration as JSON on one line; None: the defaults."""
    if not heuristic.columns:
        return "popularity", None
    settings = {KIND: "demographic", "columns": [name.upper() for name in heuristic.columns]}
    return "demographic", json.dumps(settings, separators=(",", ":"))


def compact(configuration: Path) -> str:
    """The file's JSON on one line, as it travels in a state machine's definition."""
    return json.dumps(json.loads(configuration.read_text(encoding="utf-8")), separators=(",", ":"))
