"""Whom to follow: people, recommended to people."""

from pathlib import Path

from config.schema import (
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

TRAITS = (
    Column(name="AGE", type=ColumnType.INT, nullable=True),
    Column(name="GENDER", nullable=True, categorical=True),
    Column(name="COUNTRY", nullable=True, categorical=True),
    Column(name="STRENGTH_CATEGORY", nullable=True, categorical=True),
)

USE_CASE = UseCase(
    name="users_to_follow",
    description="People whom a user may want to follow",
    interactions=Dataset(
        sql=HERE / "interactions.sql",
        columns=(
            Column(name="USER_ID"),
            Column(name="ITEM_ID"),
            Column(name="EVENT_TYPE"),
            Column(name="TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    users=Dataset(sql=HERE / "users.sql", columns=(Column(name="USER_ID"), *TRAITS)),
    items=Dataset(
        sql=HERE / "items.sql",
        columns=(
            Column(name="ITEM_ID"),
            *TRAITS,
            Column(name="CREATION_TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    event_types=(EventType(name="view", weight=0.2), EventType(name="follow", weight=1.0)),
    own_items=OwnItems(event_types=("follow",), includes_user=True),
    recommendations=50,
    batch_results=150,
    endpoint=Endpoint(path="people-to-follow", kind=EndpointKind.LIST),
    # The database logs visits of profiles, and knows nothing of a look at somebody who was recommended.
    tracking=Tracking(actions=("follow",), conversion=Conversion(goal=0.03, floor=0.01), trains_on=("view",)),
)
