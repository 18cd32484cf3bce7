"""A dataset as it is extracted: its name, its columns in order, and which of them are quoted always."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.columns import ID_COLUMNS, Column

INTERACTIONS, USERS, ITEMS = "interactions", "users", "items"
RECIPIENTS = "recipients"
"""Not of Personalize: who is to be notified."""

EVENT_TYPE = "EVENT_TYPE"
UNQUOTED_COLUMNS = ID_COLUMNS | {EVENT_TYPE}


@dataclass(frozen=True)
class DatasetSchema:
    """A dataset's name (interactions, users, items, recipients) and its columns in the order of the CSV."""

    dataset: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def key_column(self) -> str | None:
        """The column whose values must not repeat."""
        return {USERS: "USER_ID", RECIPIENTS: "USER_ID", ITEMS: "ITEM_ID"}.get(self.dataset)

    @property
    def free_text(self) -> list[str]:
        """Columns to quote always: backslashes in their values are then escaped unmistakably."""
        return [c.name for c in self.columns if not c.is_number and c.name not in UNQUOTED_COLUMNS]
