"""The files of a new use case: lists of items for people, trained on what people did with items."""

from collections.abc import Mapping

_USE_CASE = '''\
"""What is recommended to people, from which data, by which model."""

from pathlib import Path

from config.schema import (
    Column,
    ColumnType,
    Dataset,
    Endpoint,
    EndpointKind,
    EventType,
    OwnItems,
    UseCase,
)

HERE = Path(__file__).parent

USE_CASE = UseCase(
    name="{name}",
    description="Say here who gets what",
    interactions=Dataset(
        sql=HERE / "interactions.sql",
        columns=(
            Column(name="USER_ID"),
            Column(name="ITEM_ID"),
            Column(name="EVENT_TYPE"),
            Column(name="TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    items=Dataset(
        sql=HERE / "items.sql",
        columns=(
            Column(name="ITEM_ID"),
            Column(name="CATEGORY", categorical=True),
            Column(name="CREATION_TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    # As EVENT_TYPE has them; the weight is how much they say of taste.
    event_types=(EventType(name="view", weight=0.2), EventType(name="buy", weight=1.0)),
    # What people have had of this type is not recommended to them.
    own_items=OwnItems(event_types=("buy",)),
    endpoint=Endpoint(path="{path}", kind=EndpointKind.LIST),
)
'''
_INTERACTIONS = """\
SELECT user_id::text                                  AS "USER_ID",
       item_id::text                                  AS "ITEM_ID",
       event_type                                     AS "EVENT_TYPE",
       floor(extract(epoch FROM occurred_at))::bigint AS "TIMESTAMP"
FROM your_schema.your_events
ORDER BY occurred_at, user_id, item_id, event_type
"""
_ITEMS = """\
SELECT id::text                                      AS "ITEM_ID",
       category                                      AS "CATEGORY",
       floor(extract(epoch FROM created_at))::bigint AS "CREATION_TIMESTAMP"
FROM your_schema.your_items
ORDER BY id
"""


def files(name: str) -> Mapping[str, str]:
    """Texts by path in its folder."""
    return {
        "use_case.py": _USE_CASE.format(name=name, path=name.replace("_", "-")),
        "interactions.sql": _INTERACTIONS,
        "items.sql": _ITEMS,
    }
