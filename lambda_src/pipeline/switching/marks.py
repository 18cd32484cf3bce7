"""Marks: items that one region writes, to see that another one's copy has caught up.

DynamoDB copies items one by one, in no order: that a mark has arrived does not prove that what was written
before it has. Marks lie in many partitions, and are a sample of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MARK = "mark#"
"""Beginning of the partition key."""
_KEPT_SECONDS = 86_400


@dataclass(frozen=True)
class Marks:
    """client: of DynamoDB. tables: with keys pk and sk, whose items expire by `expires`. number: of marks in
    each, at most 100.
    """

    client: Any
    tables: Sequence[str]
    number: int = 32

    def write(self, run: str, now: float) -> int:
        """Answers how many."""
        expires = {"expires": {"N": str(int(now) + _KEPT_SECONDS)}}
        for table in self.tables:
            for key in self._keys(run):
                self.client.put_item(TableName=table, Item=key | expires)
        return len(self.tables) * self.number

    def missing(self, run: str) -> int:
        """How many have not arrived."""
        return sum(self.number - self._arrived(table, run) for table in self.tables)

    def _arrived(self, table: str, run: str) -> int:
        wanted: dict[str, Any] = {table: {"Keys": self._keys(run), "ConsistentRead": True}}
        # What is not processed counts as not arrived: it is asked for again by the next look.
        return len(self.client.batch_get_item(RequestItems=wanted)["Responses"].get(table, []))

    def _keys(self, run: str) -> list[dict[str, Any]]:
        numbers = range(self.number)
        return [{"pk": {"S": f"{MARK}{run}#{number:02d}"}, "sk": {"S": "mark"}} for number in numbers]
