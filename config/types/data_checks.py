"""What the data of a use case is held against: the configuration, and the data of the last good run."""

from dataclasses import dataclass, field
from enum import StrEnum


class Reaction(StrEnum):
    """What a run does about data that does not fit: it ends before anything is imported, or it goes on and
    says so in its log and in the dataset's manifest.
    """

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True, kw_only=True)
class Change:
    """How much a count may change against the last good run. down: the share of it that may be lost, 0.5 is
    half. up: the share that may come besides, 1.0 is as many again. None: any.
    """

    down: float | None = 0.5
    up: float | None = None


@dataclass(frozen=True, kw_only=True)
class Guards:
    """Which changes refuse a run before it imports or trains; the first run of a use case has none to fear.

    rows: of each dataset. people, items: different ones in the interactions. event_type: rows of each type.
    from_rows: counts that were smaller in the last good run are not compared.
    """

    rows: Change = field(default_factory=Change)
    people: Change = field(default_factory=Change)
    items: Change = field(default_factory=Change)
    event_type: Change = field(default_factory=Change)
    from_rows: int = 100


@dataclass(frozen=True, kw_only=True)
class DataChecks:
    """unknown_event_types: in the data, and not among the use case's event_types. missing_event_types: in
    own_items, in tracking.actions or with a weight, and never in the data.
    """

    unknown_event_types: Reaction = Reaction.REFUSE
    missing_event_types: Reaction = Reaction.REFUSE
    guards: Guards = field(default_factory=Guards)
