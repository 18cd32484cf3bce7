"""What is known of the data, and what is assumed where nothing is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from pipeline.deciding.spending import guessed_hours

HOURS, DAYS = 730.0, 730.0 / 24
"""Of a month, as AWS's calculator has it."""
GB = 1e9
EVENTS_PER_REQUEST = 5.0
"""Which is also how many are in a file."""


@dataclass(frozen=True, kw_only=True)
class Volumes:
    """Of a stage; each use case is taken to have the same.

    people: who are known. active_share: of them, with an interaction within the audience's days.
    interactions_per_person, items: of the datasets. changed_days: of seven, on which a run finds new data.
    training_hours: of one training of the first generation; None: by the published calculation's guesses.
    requests_per_day, events_per_day: of each active person, in all use cases together. push_share,
    mail_share: of the people, who get a push message or an e-mail of each notification.
    interaction_bytes, person_bytes, item_bytes: of a row of a CSV file.
    endpoints: interface endpoints that the database's subnets need; nat_gateways: instead.
    server_processors, server_gb: of a server at a URL that answers in real time.
    """

    people: int = 13_000
    active_share: float = 0.3
    interactions_per_person: float = 27.0
    items: int = 4_000
    changed_days: float = 5.0
    training_hours: float | None = None
    requests_per_day: float = 5.0
    events_per_day: float = 20.0
    push_share: float = 0.3
    mail_share: float = 0.1
    interaction_bytes: int = 60
    person_bytes: int = 60
    item_bytes: int = 200
    endpoints: int = 3
    nat_gateways: int = 0
    server_processors: float = 1.0
    server_gb: float = 2.0
    known: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Where a field's value is from, of those that are not assumed."""

    def __post_init__(self) -> None:
        wrong = [
            f"{one.name} is {value!r}: it must be a number of at least 0"
            for one in fields(self)
            if one.name != "known" and (value := getattr(self, one.name)) is not None
            if not isinstance(value, int | float) or not 0 <= value < math.inf
        ]
        wrong += [
            f"{name} is {getattr(self, name)!r}: it must be at most 1"
            for name in ("active_share", "push_share", "mail_share")
            if not wrong and getattr(self, name) > 1
        ]
        if not wrong and self.changed_days > 7:
            wrong.append(f"changed_days is {self.changed_days!r}: a week has 7")
        if wrong:
            raise ValueError("; ".join(wrong))

    @property
    def interactions(self) -> float:
        return self.people * self.interactions_per_person

    @property
    def changed_share(self) -> float:
        return self.changed_days / 7

    @property
    def hours(self) -> float:
        """Of one training of the first generation: given, or by the published guesses."""
        if self.training_hours is not None:
            return self.training_hours
        return guessed_hours(self.people)

    def said(self, *names: str) -> tuple[str, ...]:
        """For the notes of a line: these fields, with where they are from."""
        return tuple(f"{name} {getattr(self, name):g} ({self.known.get(name, 'assumed')})" for name in names)

    @property
    def all_said(self) -> tuple[str, ...]:
        """Of every field that has a value."""
        names = [one.name for one in fields(self) if one.name != "known"]
        return self.said(*(name for name in names if getattr(self, name) is not None))
