"""Which posts to read next."""

from pathlib import Path

from config.schema import (
    ALL_EVENTS,
    Campaign,
    Column,
    ColumnType,
    Conversion,
    Dataset,
    Endpoint,
    EndpointKind,
    EventType,
    OwnItems,
    Personalize,
    Realtime,
    Tracking,
    UseCase,
)

HERE = Path(__file__).parent

USE_CASE = UseCase(
    name="posts",
    description="Posts that a user has not seen yet",
    interactions=Dataset(
        sql=HERE / "interactions.sql",
        columns=(
            Column(name="USER_ID"),
            Column(name="ITEM_ID"),
            Column(name="EVENT_TYPE"),
            Column(name="TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    users=Dataset(
        sql=HERE / "users.sql",
        columns=(
            Column(name="USER_ID"),
            Column(name="AGE", type=ColumnType.INT, nullable=True),
            Column(name="GENDER", nullable=True, categorical=True),
            Column(name="COUNTRY", nullable=True, categorical=True),
            Column(name="STRENGTH_CATEGORY", nullable=True, categorical=True),
        ),
    ),
    items=Dataset(
        sql=HERE / "items.sql",
        columns=(
            Column(name="ITEM_ID"),
            Column(name="TITLE", nullable=True, textual=True),
            Column(name="TOPICS", nullable=True, categorical=True),
            Column(name="CREATION_TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    event_types=(
        EventType(name="view", weight=0.3),
        EventType(name="like", weight=0.8),
        EventType(name="comment", weight=1.0),
    ),
    own_items=OwnItems(event_types=ALL_EVENTS),
    recommendations=50,
    batch_results=200,
    variants=(Personalize(campaign=Campaign(stages=("local",))),),
    endpoint=Endpoint(path="posts", kind=EndpointKind.FEED, realtime=Realtime(budget_ms=150)),
    tracking=Tracking(
        actions=("like", "comment"), conversion=Conversion(goal=0.1, floor=0.03), event_tracker=True
    ),
)
