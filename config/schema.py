"""All types that a configuration is made of."""

from config.types.comparison import ComparisonThresholds
from config.types.notification import EmailSender, Language, Notification, Notifying, PushApplication
from config.types.ramp import Guardrail, Phase, Ramp, RampLimits, RampStep
from config.types.serving import (
    ApiConfig,
    Endpoint,
    EndpointKind,
    IamAuthorization,
    JwtAuthorization,
    Realtime,
    Throttling,
)
from config.types.stage_config import APP, Audience, Database, Schedule, SslMode, StageConfig, Tier
from config.types.tracking import IMPRESSION, Conversion, Tracking
from config.types.use_case import (
    ALL_EVENTS,
    Column,
    ColumnType,
    Dataset,
    DatasetType,
    EventType,
    Judgement,
    OwnItems,
    UseCase,
)
from config.types.variants import Campaign, Heuristic, Own, OwnRealtime, Personalize, Server, Variant

__all__ = [
    "ALL_EVENTS",
    "APP",
    "IMPRESSION",
    "ApiConfig",
    "Audience",
    "Campaign",
    "Column",
    "ColumnType",
    "ComparisonThresholds",
    "Conversion",
    "Database",
    "Dataset",
    "DatasetType",
    "EmailSender",
    "Endpoint",
    "EndpointKind",
    "EventType",
    "Guardrail",
    "Heuristic",
    "IamAuthorization",
    "Judgement",
    "JwtAuthorization",
    "Language",
    "Notification",
    "Notifying",
    "Own",
    "OwnItems",
    "OwnRealtime",
    "Personalize",
    "Phase",
    "PushApplication",
    "Ramp",
    "RampLimits",
    "RampStep",
    "Realtime",
    "Schedule",
    "Server",
    "SslMode",
    "StageConfig",
    "Throttling",
    "Tier",
    "Tracking",
    "UseCase",
    "Variant",
]
