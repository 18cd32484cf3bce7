"""Which training program to start next."""

from pathlib import Path

from config.schema import (
    Cap,
    Column,
    ColumnType,
    Conversion,
    Dataset,
    Endpoint,
    EndpointKind,
    EventType,
    OwnItems,
    Tracking,
    UseCase,
)

HERE = Path(__file__).parent

USE_CASE = UseCase(
    name="training_programs",
    description="Training programs that suit a user",
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
            Column(name="LEVEL", categorical=True),
            Column(name="CATEGORY", categorical=True),
            Column(name="EQUIPMENT", nullable=True, categorical=True),
            Column(name="CREATION_TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    event_types=(
        EventType(name="view", weight=0.1),
        EventType(name="join", weight=0.7),
        EventType(name="complete", weight=1.0),
    ),
    own_items=OwnItems(event_types=("join", "complete")),
    recommendations=25,
    batch_results=100,
    caps=(Cap(column="CATEGORY", most=5, among=10),),
    endpoint=Endpoint(path="training-programs", kind=EndpointKind.DIRECTORY),
    tracking=Tracking(actions=("join",), conversion=Conversion(goal=0.05, floor=0.01)),
)
