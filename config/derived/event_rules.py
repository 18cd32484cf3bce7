"""Which event types the data of a use case may and must have: what extraction holds it against."""

from dataclasses import dataclass

from config.types.use_case import ALL_EVENTS, UseCase


@dataclass(frozen=True, kw_only=True)
class ExpectedEvents:
    """known: all types that there may be. needed: those that must occur, each with the fields that name it.
    unknown, missing: what a run does about others, refuse or warn.
    """

    known: tuple[str, ...]
    needed: dict[str, str]
    unknown: str
    missing: str

    def as_json(self) -> dict[str, object]:
        return {
            "known": [*self.known],
            "needed": self.needed,
            "unknown": self.unknown,
            "missing": self.missing,
        }


def expected_events(use_case: UseCase) -> ExpectedEvents | None:
    """None, where the configuration names no types."""
    known = tuple(event.name for event in use_case.event_types)
    if not known:
        return None
    return ExpectedEvents(
        known=known,
        needed=_needed(use_case),
        unknown=use_case.checks.unknown_event_types.value,
        missing=use_case.checks.missing_event_types.value,
    )


def _needed(use_case: UseCase) -> dict[str, str]:
    """Types that applications post need not be in the database: an event tracker records them itself, and
    those that are trained on come once somebody has posted one.
    """
    tracking = use_case.tracking
    fields: dict[str, list[str]] = {}
    if use_case.own_items.event_types != ALL_EVENTS:
        for name in use_case.own_items.event_types:
            fields.setdefault(name, []).append("own_items")
    if not (tracking and tracking.event_tracker):
        for event in use_case.event_types:
            if event.weight is not None:
                fields.setdefault(event.name, []).append("event_types (with a weight)")
        for name in tracking.actions if tracking else ():
            fields.setdefault(name, []).append("tracking.actions")
    posted = tracking.trains_on if tracking else ()
    return {name: " and ".join(named) for name, named in fields.items() if name not in posted}
