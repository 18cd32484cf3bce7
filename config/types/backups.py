"""How far back the tables of a stage can be restored."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Backups:
    """DynamoDB's point-in-time recovery, 1 to 35 days; the price does not depend on them. What is erased from
    a table can be restored for as long.

    record_days: of tables of what nothing else has: opt-outs, devices, inboxes, claims, counters.
    derived_days: of the serving table, which the next run fills; its experiments and epochs it does not.
    drills: whether `python -m operations restore-drill` may read and restore the stage's tables.
    """

    record_days: int = 35
    derived_days: int = 7
    drills: bool = False
