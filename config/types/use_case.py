"""The types of a use case: who gets what recommended, from which data, by which model."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from config.types.caps import Cap, Fatigue
from config.types.comparison import ComparisonThresholds
from config.types.data_checks import DataChecks
from config.types.ramp import Ramp
from config.types.serving import Endpoint
from config.types.tracking import Tracking
from config.types.variants import Campaign, Heuristic, Own, OwnRealtime, Personalize, Server, Variant

ALL_EVENTS = ("*",)
"""Stands for every event type, in `OwnItems.event_types`."""


class DatasetType(StrEnum):
    INTERACTIONS = "interactions"
    USERS = "users"
    ITEMS = "items"


class ColumnType(StrEnum):
    """Avro's names; boolean is missing because Personalize neither trains nor filters on it."""

    STRING = "string"
    INT = "int"
    LONG = "long"
    FLOAT = "float"
    DOUBLE = "double"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a dataset.

    categorical: a string used in training; several values are joined with `|`.
    textual: natural language used in training; one column of the items at most.
    """

    name: str
    type: ColumnType = ColumnType.STRING
    nullable: bool = False
    categorical: bool = False
    textual: bool = False

    def as_json(self) -> dict[str, str | bool]:
        return {
            "name": self.name,
            "type": self.type.value,
            "nullable": self.nullable,
            "categorical": self.categorical,
            "textual": self.textual,
        }


class FileFormat(StrEnum):
    """Of a dataset in the data bucket, and the ending of its file's name."""

    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """The columns of a dataset, and where its rows come from: either sql or file.

    sql: one query that answers with the columns, in the same order.
    file: no query, but a file of this format that somebody puts into the data bucket,
    `uploads/<use case>/<dataset>.<format>`.
    """

    columns: tuple[Column, ...]
    sql: Path | None = None
    file: FileFormat | None = None

    @property
    def query(self) -> str:
        """Without the mark (BOM) that some editors put before UTF-8.

        Raises: ValueError, of a dataset that has none; OSError, UnicodeDecodeError, of its file.
        """
        if self.sql is None:
            raise ValueError("a dataset that is read from a file has no query")
        return self.sql.read_text(encoding="utf-8-sig").strip()

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, kw_only=True)
class EventType:
    """A kind of interaction; `weight` (0 to 1) counts in training relative to the other types'."""

    name: str
    weight: float | None = None


@dataclass(frozen=True, kw_only=True)
class OwnItems:
    """What is never recommended to a user: the items of these events, and perhaps the user.

    includes_user: the items are users, and nobody is recommended to themselves.
    """

    event_types: tuple[str, ...] = ()
    includes_user: bool = False

    @property
    def filter_expression(self) -> str | None:
        """The part that Personalize itself can leave out; it looks at the newest 100 events of each type."""
        if not self.event_types:
            return None
        values = ", ".join(f'"{name}"' for name in self.event_types)
        return f"EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ({values})"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """When a newly trained model is good enough to be used.

    metric: one of GetSolutionMetrics. floor: its least accepted value. tolerance: the share of the last used
    model's value that may be lost. use_worse: a worse model is reported, and used nevertheless.
    """

    metric: str = "normalized_discounted_cumulative_gain_at_10"
    floor: float = 0.0
    tolerance: float = 0.1
    use_worse: bool = False


@dataclass(frozen=True, kw_only=True)
class Override:
    """What is otherwise in some places.

    stages, regions: where; empty means in all of them. absent: the use case is not there at all.
    interactions, users, items: the query and the columns that are there instead, or besides.
    """

    stages: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    absent: bool = False
    interactions: Dataset | None = None
    users: Dataset | None = None
    items: Dataset | None = None

    def holds_in(self, stage: str, region: str) -> bool:
        return (not self.stages or stage in self.stages) and (not self.regions or region in self.regions)

    @property
    def datasets(self) -> dict[str, Dataset | None]:
        """By the name of the use case's field."""
        return {"interactions": self.interactions, "users": self.users, "items": self.items}


@dataclass(frozen=True, kw_only=True)
class UseCase:
    """One recommendation problem.

    variants: who makes the lists, side by side and at most one of each; the first is the default, whose lists
    are served.
    batch_results: how many items the model returns for a user, before own items are taken out.
    recommendations: how many of them are stored at most.
    caps: how often one value of a column of the items may come among the first of a list.
    list_bytes: that a stored list may have, by DynamoDB's rules; what does not fit is cut from its end. Each
    1,024 bytes that a list really has are a write unit, in every region.
    fatigue: what a person was shown and did nothing with comes later; None: it stays where it is.
    checks: what the data is held against before anything is imported.
    comparison: of variants with one another, where there are several.
    minimum_loaded_share: of the audience that must have got a list before the new generation is published.
    tracking: of impressions and actions; none means that nobody may post events of this use case.
    overrides: what is otherwise in some stages or regions; of several that hold, the later one counts.
    ramp: how an experiment with its variants goes on by itself; none means by hand only.
    users_per_shard: of one file of batch input, loaded by one function call.
    endpoint: where the serving API answers with it; None: it is stored, and nobody can ask for it.
    run_limit: US dollars that a run with Amazon Personalize may cost by estimate, else it is refused before
    anything is paid for. monthly_limit: of all runs that a stage's schedule begins in a month. None: any.
    version: raise it when columns change: Personalize cannot replace a dataset in place, so that the use case
    gets a new dataset group beside the old one.
    """

    name: str
    description: str
    interactions: Dataset
    users: Dataset | None = None
    items: Dataset | None = None
    event_types: tuple[EventType, ...] = ()
    own_items: OwnItems = field(default_factory=OwnItems)
    variants: tuple[Variant, ...] = (Personalize(),)
    recommendations: int = 50
    batch_results: int = 100
    caps: tuple[Cap, ...] = ()
    list_bytes: int = 1_024
    fatigue: Fatigue | None = None
    judgement: Judgement = field(default_factory=Judgement)
    checks: DataChecks = field(default_factory=DataChecks)
    comparison: ComparisonThresholds = field(default_factory=ComparisonThresholds)
    minimum_loaded_share: float = 0.99
    users_per_shard: int = 10_000
    endpoint: Endpoint | None = None
    tracking: Tracking | None = None
    ramp: Ramp | None = None
    overrides: tuple[Override, ...] = ()
    run_limit: float | None = None
    monthly_limit: float | None = None
    version: int = 1

    def in_place(self, stage: str, region: str) -> "UseCase | None":
        """The use case as it is there; None, if it is not."""
        found: UseCase = self
        for override in self.overrides:
            if override.holds_in(stage, region):
                if override.absent:
                    return None
                given = {name: one for name, one in override.datasets.items() if one is not None}
                found = replace(found, **given)  # type: ignore[arg-type]
        return found

    @property
    def datasets(self) -> dict[DatasetType, Dataset]:
        """Those that this use case has, interactions first."""
        by_type = {
            DatasetType.INTERACTIONS: self.interactions,
            DatasetType.USERS: self.users,
            DatasetType.ITEMS: self.items,
        }
        return {type_: dataset for type_, dataset in by_type.items() if dataset is not None}

    @property
    def weighs_events(self) -> bool:
        return any(event.weight is not None for event in self.event_types)

    @property
    def personalize(self) -> Personalize | None:
        return next((variant for variant in self.variants if isinstance(variant, Personalize)), None)

    @property
    def own(self) -> Own | None:
        return next((variant for variant in self.variants if isinstance(variant, Own)), None)

    @property
    def heuristic(self) -> Heuristic | None:
        return next((variant for variant in self.variants if isinstance(variant, Heuristic)), None)

    @property
    def by_engine(self) -> tuple[Own | Heuristic, ...]:
        """Those that the engine of this repository trains, in functions."""
        return tuple(variant for variant in self.variants if not isinstance(variant, Personalize))

    @property
    def default_variant(self) -> str:
        """The name of the one whose lists are served."""
        return self.variants[0].name

    def ramp_in(self, stage: str) -> Ramp | None:
        return self.ramp if self.ramp and stage in self.ramp.stages else None

    def campaign_in(self, stage: str) -> Campaign | None:
        campaign = self.personalize.campaign if self.personalize else None
        return campaign if campaign and stage in campaign.stages else None

    @property
    def servers(self) -> dict[str, Server]:
        """That answer in real time, by the variant's name."""
        found = {variant.name: variant.server for variant in (self.personalize, self.own) if variant}
        return {name: server for name, server in found.items() if server}

    def servers_in(self, stage: str) -> dict[str, Server]:
        """None also where no endpoint asks for them."""
        asked = self.endpoint is not None and self.endpoint.realtime is not None
        return {name: server for name, server in self.servers.items() if asked and stage in server.stages}

    def own_realtime_in(self, stage: str) -> OwnRealtime | None:
        """None also where no endpoint asks for it."""
        realtime = self.own.realtime if self.own and self.endpoint and self.endpoint.realtime else None
        return realtime if realtime and stage in realtime.stages else None


def use_cases_in(stage: str, region: str, use_cases: Iterable[UseCase]) -> tuple[UseCase, ...]:
    """Those that are there, as they are there."""
    found = (use_case.in_place(stage, region) for use_case in use_cases)
    return tuple(use_case for use_case in found if use_case is not None)
