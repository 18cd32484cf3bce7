"""All types that a configuration is made of."""

from config.stage import APP, Audience, Database, Schedule, SslMode, StageConfig, Tier
from config.use_case import (
    ALL_EVENTS,
    Campaign,
    Column,
    ColumnType,
    Dataset,
    DatasetType,
    EventType,
    Judgement,
    OwnItems,
    UseCase,
)

__all__ = [
    "ALL_EVENTS",
    "APP",
    "Audience",
    "Campaign",
    "Column",
    "ColumnType",
    "Database",
    "Dataset",
    "DatasetType",
    "EventType",
    "Judgement",
    "OwnItems",
    "Schedule",
    "SslMode",
    "StageConfig",
    "Tier",
    "UseCase",
]
