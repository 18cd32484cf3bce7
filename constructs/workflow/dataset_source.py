"""A dataset that a workflow has extracted: its SQL or its file, and its columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class DatasetSource:
    """name: interactions, users or items. query: SQL; or else file, the key of a file in the data bucket.
    columns, tracked, event_types: as extract_dataset takes them.

    Raises: ValueError, of both a query and a file, or neither.
    """

    name: str
    query: str | None = None
    file: str | None = None
    columns: tuple[Mapping[str, Any], ...]
    tracked: Mapping[str, Any] | None = None
    event_types: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if (self.query is None) == (self.file is None):
            raise ValueError(f"{self.name}: either a query or a file")

    @property
    def origin(self) -> dict[str, str]:
        """The member of the extraction's input that says where the data is."""
        return {"query": self.query} if self.query is not None else {"file": str(self.file)}
