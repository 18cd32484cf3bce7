"""What is told of recommendations once they have been shown, and what they are meant to lead to."""

from dataclasses import dataclass

IMPRESSION = "impression"
"""The event type of content that was shown; every use case that is tracked has it."""


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """How much of what is shown leads to an action; actions / impressions, from 0 to 1, per day (UTC).

    goal: drawn on the dashboard. floor: below it is an alarm, once the day has had `minimum_impressions`.
    """

    goal: float
    floor: float
    minimum_impressions: int = 1000


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """The events of a use case that applications post: impressions, and its event types.

    actions: the event types that recommendations are meant to lead to.
    event_tracker: whether Amazon Personalize is told of every event but impressions as it happens.
    What the tracker has recorded is part of the next training.
    trains_on: event types of which the database knows nothing: their tracked events of the last
    `trained_days` are interactions besides those of the query. Not together with an event tracker, which
    records them itself.
    """

    actions: tuple[str, ...]
    conversion: Conversion
    event_tracker: bool = False
    trains_on: tuple[str, ...] = ()
    trained_days: int = 365
