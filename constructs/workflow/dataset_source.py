"""A dataset that a workflow has extracted: its SQL and its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class DatasetSource:
    """name: interactions, users or items. query: SQL. columns, tracked: as extract_dataset takes them."""

    name: str
    query: str
    columns: tuple[Mapping[str, Any], ...]
    tracked: Mapping[str, Any] | None = None
