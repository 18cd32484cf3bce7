"""What the functions are told of the use cases whose events are tracked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.columns import Column
from pipeline.tracking.event import IMPRESSION

USERS, ITEMS = "users", "items"


@dataclass(frozen=True, kw_only=True)
class AttributeSet:
    """A users or items dataset: its ARN for who sends to it, its columns but for the id for who checks."""

    arn: str = ""
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrackedUseCase:
    """tracking_id: of the event tracker, where there is one. attributes: by `users` and `items`.
    remembered: types of events that are kept by user.
    """

    name: str
    event_types: tuple[str, ...]
    actions: tuple[str, ...]
    tracking_id: str | None = None
    attributes: Mapping[str, AttributeSet] = field(default_factory=dict)
    remembered: tuple[str, ...] = ()

    @property
    def accepted_types(self) -> tuple[str, ...]:
        return (IMPRESSION, *self.event_types)


def read_use_cases(text: str) -> dict[str, TrackedUseCase]:
    """By name, from the JSON of the function's environment."""
    return {
        name: TrackedUseCase(
            name=name,
            event_types=tuple(entry["eventTypes"]),
            actions=tuple(entry["actions"]),
            tracking_id=entry.get("trackingId"),
            remembered=tuple(entry.get("remembered", ())),
            attributes={
                dataset: AttributeSet(
                    arn=given.get("arn", ""),
                    columns=tuple(Column(**column) for column in given.get("columns", ())),
                )
                for dataset, given in entry.get("attributes", {}).items()
            },
        )
        for name, entry in json.loads(text).items()
    }
