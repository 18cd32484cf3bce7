"""The columns of a dataset and the limits that Personalize sets them."""

from __future__ import annotations

from dataclasses import dataclass

INTERACTIONS, USERS, ITEMS = "interactions", "users", "items"
RECIPIENTS = "recipients"
"""Not of Personalize: who is to be notified."""

ID_COLUMNS = frozenset({"USER_ID", "ITEM_ID"})
TIME_COLUMNS = frozenset({"TIMESTAMP", "CREATION_TIMESTAMP"})
UNQUOTED_COLUMNS = ID_COLUMNS | {"EVENT_TYPE"}
INTEGER_BITS = {"int": 32, "long": 64}
NUMBERS = frozenset({"int", "long", "float", "double"})

MAX_ID_CHARACTERS = 256
MAX_CELL_CHARACTERS = 1000
MAX_TEXT_CHARACTERS = 20_000


@dataclass(frozen=True)
class Column:
    """A column of the CSV; `type` is the Avro name (string, int, long, float, double)."""

    name: str
    type: str
    nullable: bool = False
    categorical: bool = False
    textual: bool = False

    @property
    def is_id(self) -> bool:
        return self.name in ID_COLUMNS

    @property
    def is_time(self) -> bool:
        return self.name in TIME_COLUMNS

    @property
    def is_number(self) -> bool:
        return self.type in NUMBERS

    @property
    def max_characters(self) -> int:
        if self.is_id:
            return MAX_ID_CHARACTERS
        return MAX_TEXT_CHARACTERS if self.textual else MAX_CELL_CHARACTERS


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
