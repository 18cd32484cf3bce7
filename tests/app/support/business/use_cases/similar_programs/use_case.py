"""Which training programs are like a given one."""

from pathlib import Path

from config.schema import (
    Column,
    ColumnType,
    Dataset,
    Endpoint,
    EndpointKind,
    EventType,
    Personalize,
    UseCase,
)

HERE = Path(__file__).parent

USE_CASE = UseCase(
    name="similar_programs",
    description="Training programs like a given one",
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
            Column(name="LEVEL", categorical=True),
            Column(name="CATEGORY", categorical=True),
            Column(name="EQUIPMENT", nullable=True, categorical=True),
            Column(name="CREATION_TIMESTAMP", type=ColumnType.LONG),
        ),
    ),
    event_types=(EventType(name="view"), EventType(name="join"), EventType(name="complete")),
    variants=(Personalize(recipe="aws-similar-items"),),
    recommendations=20,
    batch_results=25,
    endpoint=Endpoint(path="training-programs", kind=EndpointKind.SIMILAR),
)
