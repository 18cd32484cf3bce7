"""The tables of a stage, and how far back each can be restored."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from config.derived.names import notifications_table_name, serving_table_name, tracking_table_name
from config.types.backups import Backups


class Truth(Enum):
    """What a table is to what it holds."""

    RECORD = "record"
    """Nothing else has it."""
    DERIVED = "derived"
    """Most of it the next run of a workflow makes again."""


@dataclass(frozen=True)
class StageTable:
    """name: by that of the stage."""

    name: Callable[[str], str]
    truth: Truth

    def recovery_days(self, backups: Backups) -> int:
        return backups.record_days if self.truth is Truth.RECORD else backups.derived_days


SERVING = StageTable(serving_table_name, Truth.DERIVED)
NOTIFICATIONS = StageTable(notifications_table_name, Truth.RECORD)
TRACKING = StageTable(tracking_table_name, Truth.RECORD)
TABLES = (SERVING, NOTIFICATIONS, TRACKING)
"""docs/restore.md says what each holds."""
