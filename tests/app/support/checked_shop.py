"""A shop's use case whose queries need no tables, for tests that make one mistake in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from config.schema import Column, ColumnType, Dataset, EventType, OwnItems, UseCase

INTERACTIONS = """SELECT 'person-' || i % 100 AS "USER_ID",
       'thing-' || i % 37 AS "ITEM_ID",
       CASE i % 3 WHEN 0 THEN 'purchase' ELSE 'view' END AS "EVENT_TYPE",
       1699000000 + i AS "TIMESTAMP"
  FROM generate_series(1, 1200) AS i
"""
ITEMS = """SELECT 'thing-' || i AS "ITEM_ID", 'category ' || i % 5 AS "CATEGORY", '1.50' AS "PRICE"
  FROM generate_series(0, 36) AS i
"""


def shop(folder: Path, *, interactions: str = INTERACTIONS, items: str = ITEMS, **changes: Any) -> UseCase:
    (folder / "interactions.sql").write_text(interactions, encoding="utf-8")
    (folder / "items.sql").write_text(items, encoding="utf-8")
    given: dict[str, Any] = {
        "name": "shop",
        "description": "Things to buy",
        "event_types": (EventType(name="view", weight=0.3), EventType(name="purchase", weight=1.0)),
        "own_items": OwnItems(event_types=("purchase",)),
    }
    return UseCase(
        interactions=Dataset(
            sql=folder / "interactions.sql",
            columns=(
                Column(name="USER_ID"),
                Column(name="ITEM_ID"),
                Column(name="EVENT_TYPE"),
                Column(name="TIMESTAMP", type=ColumnType.LONG),
            ),
        ),
        items=Dataset(
            sql=folder / "items.sql",
            columns=(
                Column(name="ITEM_ID"),
                Column(name="CATEGORY", categorical=True),
                Column(name="PRICE", type=ColumnType.DOUBLE),
            ),
        ),
        **{**given, **changes},
    )
