"""The columns of a dataset and the limits that Personalize sets them."""

from __future__ import annotations

from dataclasses import dataclass

ID_COLUMNS = frozenset({"USER_ID", "ITEM_ID"})
TIME_COLUMNS = frozenset({"TIMESTAMP", "CREATION_TIMESTAMP"})
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
